"""
The libraries that TensorFlow 2.21 opens, under its names of CUDA 12. Where only those of CUDA 13 are there, links give
them the older names: TensorFlow looks every function up by its name, and the newer libraries have nearly all of them.
The CUDA runtime is the exception: it is part of the bundle, since its data structures changed.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Mapping, Optional, Sequence

from .machine import Python


@dataclass(frozen=True)
class Wanted:
    name: str
    # Name of CUDA 13 that can stand in.
    substitute: Optional[str] = None
    optional: bool = False


WANTED = (
    Wanted("libcuda.so.1"),
    Wanted("libcudart.so.12"),
    Wanted("libcublas.so.12", "libcublas.so.13"),
    Wanted("libcublasLt.so.12", "libcublasLt.so.13"),
    Wanted("libcudnn.so.9"),
    Wanted("libcufft.so.11", "libcufft.so.12"),
    Wanted("libcusolver.so.11", "libcusolver.so.12"),
    Wanted("libcusparse.so.12"),
    Wanted("libcupti.so.12", "libcupti.so.13", optional=True),
)


@dataclass(frozen=True)
class Found:
    wanted: Wanted
    # Empty: nowhere.
    path: str
    # Whether the loader finds it by itself.
    known_to_loader: bool = False

    def is_alias(self) -> bool:
        return self.path != "" and Path(self.path).name != self.wanted.name

    def needs_folder(self) -> bool:
        return self.path != "" and not self.known_to_loader

    def facts(self) -> Dict[str, object]:
        nowhere = "nowhere, but optional" if self.wanted.optional else "nowhere"
        how = "linked under this name" if self.is_alias() else ""
        return {"library": self.wanted.name, "found at": self.path or nowhere, "": how}


def search_libraries(
    bundled: Sequence[Path], pythons: Iterable[Python], env: Mapping[str, str]
) -> List[Found]:
    folders = list(bundled) + candidate_folders(pythons, env)
    return [find(wanted, folders, loader_cache()) for wanted in WANTED]


def find(wanted: Wanted, folders: Sequence[Path], cache: Mapping[str, str]) -> Found:
    """Under its own name anywhere, else under that of its substitute."""
    for name in filter(None, (wanted.name, wanted.substitute)):
        for folder in folders:
            if (folder / name).exists():
                return Found(wanted, str(folder / name))
        if name in cache:
            return Found(wanted, cache[name], known_to_loader=True)
    return Found(wanted, "")


def candidate_folders(pythons: Iterable[Python], env: Mapping[str, str]) -> List[Path]:
    """In this order: what the environment names, the wheels of the Pythons, the usual places of CUDA and its driver."""
    named = [Path(part) for part in env.get("LD_LIBRARY_PATH", "").split(":") if part]
    wheels = [lib for python in pythons for root in python.nvidia for lib in wheel_folders(Path(root))]
    homes = [Path(env[key]) for key in ("CUDA_HOME", "CUDA_PATH") if env.get(key)]
    homes += sorted(Path("/usr/local").glob("cuda*"), reverse=True)
    cuda = [home / part for home in homes for part in ("lib64", "targets/x86_64-linux/lib")]
    driver = [Path("/usr/local/nvidia/lib64"), Path("/usr/local/nvidia/lib")]
    return [folder for folder in dict.fromkeys(named + wheels + cuda + driver) if folder.is_dir()]


def wheel_folders(root: Path) -> List[Path]:
    """`nvidia/cublas/lib` and its like, and `nvidia/cu13/lib`, which holds several."""
    return sorted(folder for folder in root.glob("*/lib") if folder.is_dir())


def loader_cache() -> Dict[str, str]:
    for program in ("ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig"):
        try:
            done = subprocess.run([program, "-p"], stdout=subprocess.PIPE, text=True)
        except OSError:
            continue
        return parse_loader_cache(done.stdout)
    return {}


def parse_loader_cache(text: str) -> Dict[str, str]:
    """Lines such as `libcuda.so.1 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcuda.so.1`; the first of a name counts."""
    cache: Dict[str, str] = {}
    for name, path in re.findall(r"^\s*(\S+) \([^)]*x86-64[^)]*\) => (\S+)$", text, re.MULTILINE):
        cache.setdefault(name, path)
    return cache


def make_aliases(found: Iterable[Found], folder: Path) -> Path:
    folder.mkdir(parents=True)
    for one in found:
        if one.is_alias():
            os.symlink(one.path, folder / one.wanted.name)
    return folder
