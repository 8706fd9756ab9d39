"""What is here: processor, GPU, driver, and the Pythons on PATH with what they bring."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Tuple


@dataclass(frozen=True)
class Python:
    path: str
    # Folders of its `nvidia` packages.
    nvidia: Tuple[str, ...]
    has_torch: bool


PROBE = """
import importlib.util, json
nvidia = importlib.util.find_spec("nvidia")
roots = list(nvidia.submodule_search_locations or []) if nvidia else []
print(json.dumps([roots, importlib.util.find_spec("torch") is not None]))
"""
PROBE_SECONDS = 10
PYTHON = re.compile(r"python(3(\.\d+)?)?$")


def find_pythons(path: str) -> List[Python]:
    """Each interpreter once, the one that runs this first."""
    candidates = [sys.executable] + [
        str(file)
        for folder in path.split(os.pathsep)
        if folder and Path(folder).is_dir()
        for file in sorted(Path(folder).iterdir())
        if PYTHON.match(file.name) and os.access(file, os.X_OK)
    ]
    return [found for found in map(probe, unique(candidates)) if found]


def unique(paths: Iterable[str]) -> List[str]:
    """A virtual environment links to its interpreter: the folder tells them apart."""
    kept: Dict[Tuple[str, str], str] = {}
    for path in paths:
        kept.setdefault((os.path.dirname(path), os.path.realpath(path)), path)
    return list(kept.values())


def probe(path: str) -> Optional[Python]:
    try:
        done = subprocess.run(
            [path, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PROBE_SECONDS
        )
        nvidia, has_torch = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None  # Not an interpreter that runs here.
    return Python(path, tuple(nvidia), has_torch)


def python_with_torch(pythons: Iterable[Python], root: Path) -> Optional[str]:
    """In a checkout the benchmark's own PyTorch, which it installs for the `python3` on PATH."""
    if (root / ".isthmus" / "bench" / "python" / "torch").is_dir():
        return shutil.which("python3")
    return next((python.path for python in pythons if python.has_torch), None)


def describe_machine() -> Dict[str, object]:
    gpu = "name,uuid,driver_version,memory.total,compute_cap,mig.mode.current"
    return {
        "system": platform.platform(),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "Python": platform.python_version(),
        "GPU": run("nvidia-smi", f"--query-gpu={gpu}", "--format=csv,noheader"),
        "nvidia-smi": run("nvidia-smi"),
    }


def processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found.group(1) if found else "unknown"


def run(*command: str) -> str:
    """What it prints, or why it does not."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"{command[0]}: {error}"
    return done.stdout.strip()
