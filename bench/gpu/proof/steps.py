"""Runs one step as a process group of its own, hears its findings line by line, and ends it at its limit."""

import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, List, Optional

# Of each log, from its end: the file with all of them stays small.
LOG_BYTES = 20_000


@dataclass
class Outcome:
    name: str
    limit: float
    seconds: float = 0.0
    status: str = "running"
    problems: List[str] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)
    skipped: Optional[str] = None
    # Rows by the name of their table.
    tables: Dict[str, List[Dict[str, object]]] = field(default_factory=dict)
    log: str = ""


Hear = Callable[[Outcome], None]


def run_step(
    name: str, command: List[str], folder: Path, seconds: float, work: Path, hear: Hear
) -> Outcome:
    """`hear` is called after every finding."""
    outcome = Outcome(name, round(seconds, 1))
    logs = work / "logs"
    logs.mkdir(exist_ok=True)
    begun = time.monotonic()
    with open(logs / f"{name}-step.log", "wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        )
        timed_out = threading.Event()
        timer = threading.Timer(seconds, _end_at_limit, (process.pid, timed_out))
        timer.start()
        with process.stdout:
            for line in process.stdout:
                _take(outcome, line)
                outcome.seconds = round(time.monotonic() - begun, 1)
                hear(outcome)
        code = process.wait()
        timer.cancel()
        kill_group(process.pid)
    outcome.seconds = round(time.monotonic() - begun, 1)
    _conclude(outcome, code, timed_out.is_set())
    outcome.log = _collect_logs(logs)
    hear(outcome)
    return outcome


def _end_at_limit(group: int, timed_out: threading.Event) -> None:
    timed_out.set()
    kill_group(group)


def kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass  # All of it is gone already.


def _take(outcome: Outcome, line: bytes) -> None:
    """A line that is no finding was printed by a library."""
    try:
        finding = json.loads(line)
    except ValueError:
        return
    if not isinstance(finding, dict):
        return
    if "table" in finding:
        rows = outcome.tables.setdefault(finding["table"], [])
        rows.append({key: finding[key] for key in ("row", "samples") if key in finding})
    elif "problem" in finding:
        outcome.problems.append(finding["problem"])
    elif "note" in finding:
        outcome.notes.append(finding["note"])
    elif "skipped" in finding:
        outcome.skipped = finding["skipped"]


def _conclude(outcome: Outcome, code: int, timed_out: bool) -> None:
    if timed_out:
        outcome.status = "ended at its limit"
    elif outcome.problems or code != 0:
        outcome.status = "failed"
    else:
        outcome.status = "skipped" if outcome.skipped else "passed"
    if code != 0 and not outcome.problems and not timed_out:
        outcome.problems.append(f"it ended with {code}")


def _collect_logs(logs: Path) -> str:
    """The ends of the logs that the step and its processes wrote; the next one begins with none."""
    parts = []
    for path in sorted(logs.iterdir()):
        text = path.read_bytes()[-LOG_BYTES:].decode(errors="replace")
        if text.strip():
            parts.append(f"--- {path.name}\n{text.rstrip()}\n")
        path.unlink()
    return "\n".join(parts)
