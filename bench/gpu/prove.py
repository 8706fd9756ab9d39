#!/usr/bin/env python3
"""
Proves a GPU engine on a bare machine: installs the bundle, finds the CUDA libraries, and runs every step under a time
limit of its own. Needs Python >= 3.9 and nothing else; docs/studies/gpu.md says what the steps do.

    python3 bench/gpu/prove.py --bundle FOLDER --out FOLDER --seconds 540 [--device cpu] [--steps load,exactness]
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List, Optional

sys.dont_write_bytecode = True

from proof.arguments import Options, parse_options  # noqa: E402
from proof.bundle import Application, prepare_application  # noqa: E402
from proof.libraries import Found, make_aliases, search_libraries  # noqa: E402
from proof.machine import describe_machine, find_pythons, python_with_torch  # noqa: E402
from proof.results import Results  # noqa: E402
from proof.shares import share  # noqa: E402
from proof.steps import run_step  # noqa: E402


def main() -> int:
    begun = time.monotonic()
    options = parse_options(sys.argv[1:])
    results = Results(options.out, {"command": " ".join(sys.argv), "device": options.device})
    with tempfile.TemporaryDirectory(prefix="isthmus-proof-") as work:
        try:
            prove(options, results, Path(work), begun + options.seconds)
        except Exception as error:  # The machine may be gone in a minute: whatever is known is kept.
            results.add_problem(f"{type(error).__name__}: {error}")
    results.write()
    print(f"{results.markdown_path}: {results.verdict()}")
    return 0 if results.all_passed() else 1


def prove(options: Options, results: Results, work: Path, deadline: float) -> None:
    pythons = find_pythons(os.environ.get("PATH", ""))
    results.set("machine", describe_machine())
    application = prepare_application(options.bundle, options.unpack or work / "bundle")
    results.set("bundle", application.facts)
    found = search_libraries(application.libraries, pythons, os.environ)
    results.set("libraries", [one.facts() for one in found])
    aliases = make_aliases(found, work / "cuda")
    torch = python_with_torch(pythons, application.root)
    results.set("pytorch", {"python": torch or "none of the Pythons here has it"})
    common = step_arguments(options, work, library_path(found, aliases), torch)
    for i, name in enumerate(options.steps):
        seconds = share(options.steps[i:], deadline - time.monotonic())
        command = step_command(application, name, seconds, common)
        results.add_step(run_step(name, command, application.root, seconds, work, results.hear))


def library_path(found: List[Found], aliases: Path) -> str:
    """The aliases, then the folders that the loader does not search by itself, then what was set before."""
    folders = [str(aliases)] + [str(Path(one.path).parent) for one in found if one.needs_folder()]
    given = os.environ.get("LD_LIBRARY_PATH", "")
    return ":".join(list(dict.fromkeys(folders)) + ([given] if given else []))


def step_arguments(
    options: Options, work: Path, libraries: str, torch: Optional[str]
) -> Dict[str, str]:
    arguments = {
        "device": options.device,
        "threads": str(len(os.sched_getaffinity(0))),
        "models": ",".join(options.models),
        "dataset": options.dataset,
        "work": str(work),
        "libraries": libraries,
    }
    if options.data:
        arguments["data"] = str(options.data)
    if torch:
        arguments["python"] = torch
    return arguments


def step_command(
    application: Application, name: str, seconds: float, common: Dict[str, str]
) -> List[str]:
    arguments = {"step": name, "seconds": f"{seconds:.1f}", **common}
    flags = [part for key, value in arguments.items() for part in (f"--{key}", value)]
    return [str(application.node), "--enable-source-maps", str(application.program), *flags]


if __name__ == "__main__":
    sys.exit(main())
