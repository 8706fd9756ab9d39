"""Command line of prove.py."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List, Optional, Sequence

from .shares import WEIGHTS

MODELS = ("cnn-small", "vgg16", "preresnet26")
DATASETS = ("cifar10", "shapes32")


@dataclass(frozen=True)
class Options:
    bundle: Path
    out: Path
    seconds: float
    device: str
    steps: List[str]
    models: List[str]
    dataset: str
    data: Optional[Path]
    unpack: Optional[Path]


def parse_options(arguments: Sequence[str]) -> Options:
    return Options(**vars(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Proves a GPU engine of Isthmus on this machine; results.json and results.md say what was found."
    )
    add = parser.add_argument
    add("--bundle", type=_folder, required=True, help="packed, unpacked, or a checkout that is set up")
    add("--out", type=_absolute, required=True, help="for results.json, results.md and log.txt")
    add("--seconds", type=_seconds, required=True, help="for everything, the installation included")
    add("--device", choices=("cpu", "gpu"), default="gpu")
    add("--steps", type=_names(tuple(WEIGHTS)), default=list(WEIGHTS), help=",".join(WEIGHTS))
    add("--models", type=_names(MODELS), default=list(MODELS), help=",".join(MODELS))
    add("--dataset", choices=DATASETS, default="cifar10", help="of the endpoint; shapes32 needs no files")
    add("--data", type=_folder, default=None, help="folder with cifar-10-binary.tar.gz")
    add("--unpack", type=_absolute, default=None, help="for a packed bundle; a temporary folder by default")
    return parser


def _absolute(text: str) -> Path:
    return Path(text).absolute()


def _folder(text: str) -> Path:
    path = _absolute(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is no folder")
    return path


def _seconds(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("more than 0 seconds are needed")
    return value


def _names(known: Sequence[str]) -> Callable[[str], List[str]]:
    def parse(text: str) -> List[str]:
        asked = text.split(",")
        unknown = [name for name in asked if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known are {', '.join(known)}")
        return [name for name in known if name in asked]

    return parse
