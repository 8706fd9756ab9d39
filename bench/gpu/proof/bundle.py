"""The program that is proved: a packed bundle, an unpacked one, or a checkout that `npm run setup` has set up."""

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List

PROGRAM = Path(".isthmus", "build", "bench", "gpu", "main.js")


@dataclass(frozen=True)
class Application:
    node: Path
    # Folder of package.json.
    root: Path
    # Folders of libraries that the bundle brings along.
    libraries: List[Path]
    facts: Dict[str, object]

    @property
    def program(self) -> Path:
        return self.root / PROGRAM


def prepare_application(folder: Path, target: Path) -> Application:
    if (folder / "install.py").is_file():
        return _install(folder, target)
    if (folder / "bin" / "node").is_file():
        return _unpacked(folder, {"folder": str(folder)})
    if (folder / PROGRAM).is_file():
        return _checkout(folder)
    raise FileNotFoundError(
        f"{folder} holds neither a packed bundle (install.py) nor an unpacked one (bin/node), nor {PROGRAM}"
    )


def _install(folder: Path, target: Path) -> Application:
    begun = time.monotonic()
    command = [sys.executable, str(folder / "install.py"), str(target)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"install.py ended with {done.returncode}: {done.stdout.strip()[-500:]}")
    seconds = round(time.monotonic() - begun, 1)
    return _unpacked(target, {"folder": str(folder), "installed in seconds": seconds})


def _unpacked(folder: Path, facts: Dict[str, object]) -> Application:
    manifest = folder / "bundle.json"
    if manifest.is_file():
        described = json.loads(manifest.read_text())
        arch = ", ".join(described["arch"] or ["all"])
        facts = {**facts, "version": described["version"], "built for": f"{described['device']}, {arch}"}
    return Application(folder / "bin" / "node", folder / "isthmus", [folder / "lib"], facts)


def _checkout(folder: Path) -> Application:
    node = shutil.which("node")
    if node is None:
        raise FileNotFoundError(f"{folder} is a checkout, and there is no node on PATH to run it")
    version = json.loads((folder / "package.json").read_text())["version"]
    return Application(Path(node), folder, [], {"checkout": str(folder), "version": version})
