"""Unpacks from a wheel the members that match a rule, each to the path the rule gives it."""

import json
import os
import re
import shutil
import sys
import zipfile


def destination(name, rules):
    """The first rule that matches the whole name decides."""
    for pattern, replacement in rules:
        match = re.fullmatch(pattern, name)
        if match:
            return match.expand(replacement)
    return None


def unpack(wheel, target, rules):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = destination(name, rules)
            if path is None:
                continue
            path = os.path.join(target, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(name) as source, open(path, "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
            if os.path.basename(os.path.dirname(path)) == "bin":
                os.chmod(path, 0o755)


if __name__ == "__main__":
    unpack(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
