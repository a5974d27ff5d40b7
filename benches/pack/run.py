#!/usr/bin/env python3
"""How `exportd pack` does against the tools that people pack with, on trees of this machine.

    benches/pack/run.py [DIR...]        without DIR: trees of the machine's own files (corpus.py)
    ROUNDS=5 THREADS=2 LEVEL=6 EXPORTD=path benches/pack/run.py ~/src
    benches/pack/run.py --only tools|again|threads|memory

Four tables: every tool on every tree; a second package of the same tree, with nothing and with ten
files changed; one file of 100 MB of text by threads; memory for 20,000 files and for one of 5 GB. Seconds vary from run to run by more than tools differ, so every round
runs every tool, and what counts is the median over the rounds of a peer's time by ours of the same
format in the same round. Every result is opened and has to hold the same names and sizes.

Needs zip, 7z or 7zz, bsdtar, pigz, zstd and GNU time. The machine should have nothing else to do.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corpus
import measure

ROUNDS = int(os.environ.get("ROUNDS", 3))
LEVEL = os.environ.get("LEVEL", "6")
THREADS = int(os.environ.get("THREADS", os.cpu_count() or 1))
UNLIMITED = ["limits.max_files=10000000", "limits.max_file=1TiB", "limits.max_package=1TiB"]
OURS = {"zip": "exportd zip", "tar.gz": "exportd tar.gz", "tar.zst": "exportd tar.zst"}


def exportd():
    """The program that is measured; built if none is named."""
    if named := os.environ.get("EXPORTD"):
        return str(Path(named).resolve())
    root = Path(__file__).resolve().parents[2]
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=root, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    return str(target / "release" / "exportd")


def ours(program, out, threads, *more):
    settings = [word for setting in UNLIMITED for word in ("--set", setting)]
    command = [program, "pack", ".", "-o", str(out), "--full", "--threads", str(threads), *settings]
    return command + (list(more) or ["--level", LEVEL])


def tools(program, folder):
    """Each tool: its name, what it makes, and the command that makes it of the current folder."""
    seven = shutil.which("7zz") or shutil.which("7z")
    def sh(command):
        return ["sh", "-c", command]
    for end, name in OURS.items():
        out = folder / f"out.{end}"
        yield name, out, ours(program, out, THREADS)
        if THREADS > 1:
            yield f"{name}, 1 thread", out, ours(program, out, 1)
        yield f"{name}, fast", out, ours(program, out, THREADS, "--profile", "fast")
    zipped, gz, zst = (folder / f"peer.{end}" for end in OURS)
    yield "zip -6", zipped, ["zip", "-q", "-r", "-6", str(zipped), "."]
    yield "zip -9", zipped, ["zip", "-q", "-r", "-9", str(zipped), "."]
    yield "7z -mx5", zipped, [seven, "a", "-bd", "-tzip", "-mx5", f"-mmt{THREADS}", str(zipped), "."]
    yield "bsdtar zip", zipped, ["bsdtar", "--format", "zip", "-cf", str(zipped), "."]
    yield "bsdtar gz", gz, ["bsdtar", "-czf", str(gz), "."]
    yield "tar | pigz -6", gz, sh(f"tar -cf - . | pigz -6 -p{THREADS} > {gz}")
    yield "tar | zstd -3", zst, sh(f"tar -cf - . | zstd -q -3 -T{THREADS} -o {zst}")
    hashed = f"tar -cf - . | zstd -q -3 -T{THREADS} | tee {zst} | sha256sum"
    yield "same, with sha256", zst, sh(hashed)


def format_of(path):
    return next(end for end in OURS if path.name.endswith(end))


def every_tool(program, trees, folder):
    print(f"{'tree':<8}{'tool':<26}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'bytes':>13}"
          f"{'time/ours':>11}{'size/ours':>11}")
    for tree in trees:
        runs = {}
        # The first round warms the page cache, and looks at what comes out.
        for round_ in range(ROUNDS + 1):
            for name, out, command in tools(program, folder):
                run = measure.run(command, tree, out)
                if round_ == 0:
                    measure.holds_the_same(out, tree, name)
                else:
                    runs.setdefault((name, format_of(out)), []).append(run)
                out.unlink()
        for (name, end), done in runs.items():
            base = runs[(OURS[end], end)]
            ratio = statistics.median(run.wall / own.wall for run, own in zip(done, base))
            print(f"{Path(tree).name:<8}{name:<26}{statistics.median(run.wall for run in done):>9.3f}"
                  f"{statistics.median(run.cpu for run in done):>9.2f}{max(run.peak for run in done) / 1024:>9.1f}"
                  f"{done[0].size:>13}{ratio:>11.2f}{done[0].size / base[0].size:>11.4f}", flush=True)


def same_for_all(program, tree, folder):
    """A copy of what exportd packs of a tree: what it leaves out, the others would have to pack."""
    package, copy = folder / "same.zip", folder / "same" / Path(tree).name
    subprocess.run(ours(program, package, THREADS), cwd=tree, check=True, stdout=subprocess.DEVNULL)
    copy.mkdir(parents=True)
    subprocess.run(["unzip", "-q", str(package), "-d", str(copy)], check=True)
    package.unlink()
    return copy


def again(program, trees, folder):
    """The first package, the second with nothing changed, the third with ten files changed."""
    print(f"\n{'tree':<8}{'format':<10}{'first s':>9}{'same s':>9}{'times':>7}{'ten s':>9}{'times':>7}")
    for tree in trees:
        files = [file for file in corpus.files_of(tree)]
        for end in OURS:
            out = folder / f"again.{end}"
            command = ours(program, out, THREADS, "--level", LEVEL, "--incremental")
            # Files are known again by their times once these are two seconds old.
            time.sleep(3)
            first, same = (measure.run(command, tree, out, keep=True) for _ in range(2))
            for file in files[:: max(len(files) // 10, 1)][:10]:
                with open(file, "ab") as changed:
                    changed.write(b"changed")
            ten = measure.run(command, tree, out, keep=True)
            print(f"{Path(tree).name:<8}{end:<10}{first.wall:>9.3f}{same.wall:>9.3f}{first.wall / same.wall:>7.1f}"
                  f"{ten.wall:>9.3f}{first.wall / ten.wall:>7.1f}", flush=True)
            for left in folder.glob(f"again.{end}*"):
                left.unlink()


def by_threads(program, folder):
    tree = corpus.one_text(folder / "text", 100_000_000)
    print(f"\n{'100 MB of text':<18}{'threads':>9}{'wall s':>9}{'cpu s':>9}{'times 1':>9}{'bytes':>13}")
    for end in OURS:
        counts = sorted({1, 2, 4, 8, THREADS})
        out = folder / f"out.{end}"
        runs = {count: [] for count in counts if count <= max(THREADS, 1)}
        for _ in range(ROUNDS):
            for count, done in runs.items():
                done.append(measure.run(ours(program, out, count), tree, out))
        for count, done in runs.items():
            faster = statistics.median(one.wall / run.wall for one, run in zip(runs[1], done))
            assert done[0].size == runs[1][0].size, "the bytes depend on the threads"
            print(f"{end:<18}{count:>9}{statistics.median(run.wall for run in done):>9.3f}"
                  f"{statistics.median(run.cpu for run in done):>9.2f}{faster:>9.2f}{done[0].size:>13}", flush=True)


def memory(program, folder):
    trees = {"20,000 files": corpus.many_files(folder / "many", 20_000),
             "one of 5 GB": corpus.one_huge(folder / "huge", 5_000_000_000)}
    print(f"\n{'memory':<16}{'format':<10}{'threads':>8}{'wall s':>9}{'peak MB':>9}{'bytes':>13}")
    for what, tree in trees.items():
        for end in OURS:
            for threads in sorted({THREADS, 8}):
                out = folder / f"out.{end}"
                run = measure.run(ours(program, out, threads), tree, out)
                print(f"{what:<16}{end:<10}{threads:>8}{run.wall:>9.2f}{run.peak / 1024:>9.1f}{run.size:>13}",
                      flush=True)
                out.unlink()


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("trees", nargs="*", metavar="DIR")
    asked.add_argument("--only", choices=["tools", "again", "threads", "memory"])
    asked = asked.parse_args()
    missing = [tool for tool in ("zip", "unzip", "bsdtar", "pigz", "zstd", "/usr/bin/time") if not shutil.which(tool)]
    if missing:
        sys.exit(f"needed and not there: {', '.join(missing)}")
    program = exportd()
    with tempfile.TemporaryDirectory(prefix="packing.", dir=os.environ.get("TMPDIR")) as made:
        folder = Path(made)
        if asked.only in (None, "tools", "again"):
            trees = [same_for_all(program, tree, folder) for tree in asked.trees or corpus.trees(folder)]
        if asked.only in (None, "tools"):
            every_tool(program, trees, folder)
        if asked.only in (None, "again"):
            again(program, trees, folder)
        if asked.only in (None, "threads"):
            by_threads(program, folder)
        if asked.only in (None, "memory"):
            memory(program, folder)


if __name__ == "__main__":
    main()
