"""Trees to pack, made of what this machine has: like those of the performance page.

    b  some thousand source files, 60 MB, of the cargo registry
    c  up to 20,000 mixed files, 350 MB, images and archives among them, of /usr
    d  five files of 80 MB: text, numbers, noise, programs, zeros and noise in turn
"""

import os
import random
import shutil
from pathlib import Path

CHUNK = 1 << 20


def trees(folder):
    """Makes them in `folder`."""
    made = [folder / "b", folder / "c", folder / "d"]
    sources(made[0], 64_000_000)
    mixed(made[1], 350_000_000, 20_000)
    large(made[2], made[0], 80_000_000)
    return made


def registry():
    cargo = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    return sorted(next((cargo / "registry" / "src").iterdir()).iterdir())


def files_of(folder):
    """Its files in order, of which none is a link."""
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(path) / name
            if file.is_file() and not file.is_symlink():
                yield file


def sources(into, bytes_):
    """Whole crates, none of the giants, until it is enough."""
    into.mkdir()
    left = bytes_
    for crate in registry():
        size = sum(file.stat().st_size for file in files_of(crate))
        if size > 4_000_000:
            continue
        left -= size
        if left < 0:
            return
        for file in files_of(crate):
            copy(file, into / crate.name / file.relative_to(crate))


def mixed(into, bytes_, most):
    """Files of /usr of every kind, none of the giants."""
    into.mkdir()
    found = [file for root in ("/usr/share", "/usr/lib", "/usr/include") for file in files_of(root)]
    random.Random(1).shuffle(found)
    for file in found:
        size = file.stat().st_size
        # Names that are not ASCII come out of the peers in encodings of their own.
        if size > 8_000_000 or most == 0 or not str(file).isascii():
            continue
        bytes_, most = bytes_ - size, most - 1
        if bytes_ < 0:
            return
        copy(file, into / file.relative_to("/usr"))


def copy(file, to):
    # Whatever has such a name is left out of packages, or is refused by them.
    if any(part in (".git", ".cache", "node_modules", "secrets", "token") for part in to.parts):
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)


def large(into, text, bytes_):
    into.mkdir()
    fill(into / "text.rs", bytes_, (file.read_bytes() for file in files_of(text) if file.suffix == ".rs"))
    number = random.Random(2)
    fill(into / "numbers.csv", bytes_,
         (f"{i},{i * 7919},{number.random()}\n".encode() for i in iter(range(1 << 62))))
    fill(into / "noise.bin", bytes_, iter(lambda: os.urandom(CHUNK), None))
    fill(into / "programs.bin", bytes_, (file.read_bytes() for file in files_of("/usr/lib") if ".so" in file.name))
    fill(into / "turns.bin", bytes_, iter(lambda: bytes(2 * CHUNK) + os.urandom(2 * CHUNK), None))


def fill(path, bytes_, blocks):
    """Blocks until there are so many bytes of them."""
    with open(path, "wb") as file:
        for block in blocks:
            file.write(block[:bytes_])
            bytes_ -= min(len(block), bytes_)
            if bytes_ == 0:
                return


def one_text(into, bytes_):
    into.mkdir()
    blocks = (file.read_bytes() for crate in registry() for file in files_of(crate) if file.suffix == ".rs")
    fill(into / "text.rs", bytes_, blocks)
    return into


def many_files(into, count):
    """So many small files, in folders of a hundred."""
    words = random.Random(3)
    for number in range(count):
        file = into / f"part{number // 100:03}" / f"file{number:05}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = (f"line {line} of {number}: {words.random()}\n" for line in range(words.randrange(200)))
        file.write_text("".join(lines))
    return into


def one_huge(into, bytes_):
    """Holes, noise and text in turn."""
    into.mkdir()
    text = "".join(f"{i},{i * i % 999_983}\n" for i in range(2_000_000)).encode()[:8 << 20]
    noise = os.urandom(8 << 20)
    with open(into / "huge.bin", "wb") as file:
        while file.tell() < bytes_:
            file.write(text)
            file.write(noise)
            file.seek(48 << 20, os.SEEK_CUR)
        file.truncate(bytes_)
    return into
