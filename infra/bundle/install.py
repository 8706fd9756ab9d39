#!/usr/bin/env python3
"""Unpacks the bundle that lies beside this script: python3 install.py TARGET

Every part, the archive and every file is compared with the digests in bundle.json. TARGET appears whole or not at
all. Needs Python 3.9 or later and nothing else.
"""

import argparse
import hashlib
import io
import json
import lzma
import os
import posixpath
import shutil
import sys
import tarfile
import tempfile

FORMAT = 1
BLOCK = 1 << 20


class Refused(Exception):
    """Meant for a person: printed as it is."""


def read_manifest(folder):
    path = os.path.join(folder, "bundle.json")
    try:
        with open(path, encoding="utf-8") as file:
            manifest = json.load(file)
    except (OSError, ValueError) as error:
        raise Refused(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Refused(f"{path} is not of format {FORMAT}: take install.py and bundle.json of one bundle")
    return manifest


def listed_files(manifest):
    """By path; a path that leads out of the target is refused here, before anything is written."""
    files = {}
    for file in manifest["files"]:
        path = file["path"]
        if posixpath.isabs(path) or posixpath.normpath(path) != path or path.split("/")[0] in ("..", "."):
            raise Refused(f"bundle.json lists {path!r}, which is no path in the bundle")
        if path in files or path == "bundle.json":
            raise Refused(f"bundle.json lists {path!r} twice")
        files[path] = file
    return files


class Parts(io.RawIOBase):
    """The parts read as the one archive that they are."""

    def __init__(self, paths):
        self.paths = list(paths)
        self.file = None

    def readable(self):
        return True

    def readinto(self, buffer):
        while True:
            if self.file is None:
                if not self.paths:
                    return 0
                self.file = open(self.paths.pop(0), "rb")
            size = self.file.readinto(buffer)
            if size or not len(buffer):
                return size
            self.file.close()
            self.file = None

    def close(self):
        if self.file is not None:
            self.file.close()
        super().close()


def check_parts(folder, manifest):
    """Paths of the parts, once each and all together have the digests listed."""
    whole = hashlib.sha256()
    paths = []
    for part in manifest["parts"]:
        name = part["name"]
        if os.path.basename(name) != name:
            raise Refused(f"bundle.json lists the part {name!r}, which is no file name")
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            raise Refused(f"{path} is missing: {len(manifest['parts'])} parts are needed")
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            for block in iter(lambda: file.read(BLOCK), b""):
                digest.update(block)
                whole.update(block)
        if digest.hexdigest() != part["sha256"]:
            raise Refused(f"{path} is damaged: its sha256 is not the one in bundle.json; copy it again")
        paths.append(path)
    if whole.hexdigest() != manifest["archive"]["sha256"]:
        raise Refused("the parts are not those of this bundle: together they have another sha256")
    return paths


def write_file(source, path, executable):
    """Size and sha256 of what it wrote, to a file that was not there."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    mode = 0o755 if executable else 0o644
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb") as file:
        for block in iter(lambda: source.read(BLOCK), b""):
            file.write(block)
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def unpack(paths, files, folder):
    """Regular files that are listed, and nothing else: without links no path can lead out of the folder."""
    left = dict(files)
    with Parts(paths) as parts, lzma.open(parts) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            file = left.pop(member.name, None)
            if file is None or not member.isreg():
                raise Refused(f"the archive holds {member.name!r}, which bundle.json does not list as a file")
            path = os.path.join(folder, *member.name.split("/"))
            found = write_file(archive.extractfile(member), path, file["executable"])
            if found != (file["size"], file["sha256"]):
                raise Refused(f"{member.name} is not what bundle.json lists: size or sha256 differs")
    if left:
        raise Refused(f"the archive lacks {next(iter(left))!r}, which bundle.json lists")


def check_target(target, needed):
    if os.path.lexists(target) and not (os.path.isdir(target) and not os.listdir(target)):
        raise Refused(f"{target} is there and not an empty folder: name a new one")
    parent = os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise Refused(f"{needed / 1e6:.0f} MB are needed; {parent} has {free / 1e6:.0f} MB free")


def install(folder, target):
    manifest = read_manifest(folder)
    files = listed_files(manifest)
    needed = sum(file["size"] for file in files.values())
    check_target(target, needed)
    paths = check_parts(folder, manifest)
    draft = tempfile.mkdtemp(prefix=f".{os.path.basename(target)}-draft-", dir=os.path.dirname(target))
    try:
        unpack(paths, files, draft)
        shutil.copyfile(os.path.join(folder, "bundle.json"), os.path.join(draft, "bundle.json"))
        os.chmod(draft, 0o755)
        os.rename(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest, len(files), needed


def main():
    parser = argparse.ArgumentParser(description="Unpacks the bundle that lies beside this script.")
    parser.add_argument("target", help="folder to be made, or an empty one")
    target = os.path.abspath(parser.parse_args().target)
    try:
        manifest, count, size = install(os.path.dirname(os.path.abspath(__file__)), target)
    except Refused as refusal:
        sys.exit(f"error: {refusal}")
    except (OSError, EOFError, LookupError, TypeError, ValueError, lzma.LZMAError, tarfile.TarError) as error:
        sys.exit(f"error: the bundle cannot be unpacked: {type(error).__name__}: {error}")
    print(f"{target}: Isthmus {manifest['version']} for {manifest['device']}, {count} files, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
