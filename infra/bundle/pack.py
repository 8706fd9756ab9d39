"""Packs the files named on standard input into a tar archive compressed with xz, and describes what it wrote.

The archive is a row of xz streams, each of CHUNK bytes of tar: they are compressed on all cores at once, and where
they end depends on no machine.
"""

import collections
import concurrent.futures
import hashlib
import json
import lzma
import os
import sys
import tarfile

CHUNK = 1 << 25
FILTERS = [
    {"id": lzma.FILTER_X86},
    {"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": CHUNK},
]


def compress(chunk):
    return lzma.compress(chunk, format=lzma.FORMAT_XZ, filters=FILTERS)


class Described:
    """A file that is read or written, with its size and digest so far."""

    def __init__(self, file):
        self.file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def count(self, data):
        self.size += len(data)
        self.digest.update(data)
        return data

    def read(self, size):
        return self.count(self.file.read(size))

    def write(self, data):
        self.file.write(self.count(data))

    def description(self):
        return {"size": self.size, "sha256": self.digest.hexdigest()}


class Parts:
    """Writes one file, or several of `part_bytes` each."""

    def __init__(self, folder, name, part_bytes):
        self.folder = folder
        self.name = name
        self.part_bytes = part_bytes
        self.parts = []
        self.open_next()

    def open_next(self):
        suffix = "" if self.part_bytes is None else f".{len(self.parts):03}"
        name = self.name + suffix
        part = Described(open(os.path.join(self.folder, name), "wb"))
        self.parts.append((name, part))

    def write(self, data):
        data = memoryview(data)
        while self.part_bytes is not None:
            _, part = self.parts[-1]
            room = self.part_bytes - part.size
            if len(data) <= room:
                break
            part.write(data[:room])
            part.file.close()
            data = data[room:]
            self.open_next()
        self.parts[-1][1].write(data)

    def close(self):
        self.parts[-1][1].file.close()
        return [{"name": name, **part.description()} for name, part in self.parts]


class Compressor:
    """Compresses what is written, on all cores, and writes it on in order."""

    def __init__(self, output, cores):
        self.output = output
        self.cores = cores
        self.pool = concurrent.futures.ThreadPoolExecutor(cores)
        self.waiting = collections.deque()
        self.buffer = bytearray()

    def write(self, data):
        self.buffer += data
        while len(self.buffer) >= CHUNK:
            self.submit(bytes(self.buffer[:CHUNK]))
            del self.buffer[:CHUNK]

    def submit(self, chunk):
        self.waiting.append(self.pool.submit(compress, chunk))
        if len(self.waiting) > self.cores:
            self.output.write(self.waiting.popleft().result())

    def close(self):
        if self.buffer:
            self.submit(bytes(self.buffer))
        for future in self.waiting:
            self.output.write(future.result())
        self.pool.shutdown()


def add(archive, entry):
    """Only the path, the content and whether it is a program: nothing of this machine."""
    with open(entry["source"], "rb") as source:
        header = tarfile.TarInfo(entry["path"])
        header.size = os.fstat(source.fileno()).st_size
        header.mode = 0o755 if entry["executable"] else 0o644
        file = Described(source)
        archive.addfile(header, file)
    return {"path": entry["path"], "executable": entry["executable"], **file.description()}


def pack(folder, name, partBytes, entries):
    output = Parts(folder, name, partBytes)
    whole = Described(output)
    compressor = Compressor(whole, len(os.sched_getaffinity(0)))
    with tarfile.open(fileobj=compressor, mode="w|", bufsize=1 << 20, format=tarfile.USTAR_FORMAT) as archive:
        files = [add(archive, entry) for entry in entries]
    compressor.close()
    parts = output.close()
    return {"files": files, "archive": {"name": name, **whole.description()}, "parts": parts}


json.dump(pack(**json.load(sys.stdin)), sys.stdout)
