"""Running a tool, and opening what it made."""

import dataclasses
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path


@dataclasses.dataclass
class Run:
    """What one run took."""

    wall: float
    cpu: float
    # Kilobytes, of the largest single process.
    peak: int
    size: int


def run(command, tree, out, keep=False):
    """Runs `command` in `tree`; it makes `out`, and finds the one before there if that is kept."""
    for left in () if keep else (out, Path(f"{out}.manifest.json")):
        left.unlink(missing_ok=True)
    # exportd has its package on the disk before it says so; it shall not wait there for what the
    # one before has left to be written.
    os.sync()
    # Not by wait4: a child of ours has our own peak before it becomes the tool.
    with tempfile.NamedTemporaryFile(mode="r") as told:
        timed = ["/usr/bin/time", "-q", "-o", told.name, "-f", "%U %S %M", *command]
        began = time.monotonic()
        ended = subprocess.run(timed, cwd=tree, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wall = time.monotonic() - began
        if ended.returncode != 0:
            sys.exit(f"{command}: {ended.stderr.decode(errors='replace')}")
        user, system, peak = told.read().split()
    return Run(wall, float(user) + float(system), int(peak), out.stat().st_size)


def holds_the_same(package, tree, name):
    """Fails unless `package` holds the files of `tree`, of their sizes, but for what its manifest
    says was left out: no option of ours brings a private key in."""
    expected = {str(path.relative_to(tree)): path.stat().st_size
                for path in Path(tree).rglob("*") if path.is_file() and not path.is_symlink()}
    beside = Path(f"{package}.manifest.json")
    if beside.exists():
        for left in json.loads(beside.read_text())["excluded"]:
            expected.pop(left["path"], None)
    found = dict(entries(package))
    if found != expected:
        differing = sorted(set(found.items()) ^ set(expected.items()))
        sys.exit(f"{name}: {len(differing)} entries differ, {differing[:3]} first")


def entries(package):
    if package.suffix == ".zip":
        with zipfile.ZipFile(package) as archive:
            yield from ((clean(info.filename), info.file_size) for info in archive.infolist() if not info.is_dir())
        return
    program = "gzip" if package.suffix == ".gz" else "zstd"
    with subprocess.Popen([program, "-dc", str(package)], stdout=subprocess.PIPE) as unpacked:
        with tarfile.open(fileobj=unpacked.stdout, mode="r|") as archive:
            # A hard link is written once; corpora are copies, and have none.
            yield from ((clean(member.name), member.size) for member in archive if member.isreg())
        while unpacked.stdout.read(1 << 20):
            pass
    if unpacked.returncode != 0:
        sys.exit(f"{package} cannot be unpacked")


def clean(name):
    return name.removeprefix("./")
