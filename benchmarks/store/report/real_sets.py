"""Logs of real systems, where a directory of them is there: what each takes on disk."""

import pathlib
import shutil
import subprocess

import load


def unpack(directory, work):
    """Paths of the sets, decompressed."""
    sets = []
    for packed in sorted(pathlib.Path(directory).glob("*.ndjson.zst")):
        path = work / packed.stem
        subprocess.run(["zstd", "-d", "-q", "-f", packed, "-o", path], check=True)
        sets.append(path)
    return sets


def disk_bytes(make_server, sets, note):
    """{set: bytes}, each in a store of its own, after everything is merged."""
    sizes = {}
    for path in sets:
        server = make_server()
        with server:
            load.send(server, path, load.cut(path))
            server.settle()
        server.merge_all()
        sizes[path.stem] = server.disk_bytes()
        shutil.rmtree(server.data)
        note(f"{server.title}: {path.stem}: {path.stat().st_size:,} -> {sizes[path.stem]:,} bytes")
    return sizes


def zstd19_bytes(sets):
    total = 0
    for path in sets:
        packed = subprocess.run(["zstd", "-19", "--long=27", "-T1", "-q", "-c", path], capture_output=True,
                                check=True)
        total += len(packed.stdout)
    return total
