"""Everything that is known, written anew whenever something is added: results.json, results.md, log.txt."""

import json
import os
from pathlib import Path
from typing import Dict, List, Optional

from .steps import Outcome
from .tables import facts_table, rows_table, steps_table


class Results:
    def __init__(self, folder: Path, facts: Dict[str, object]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.sections: Dict[str, object] = {"proof": facts}
        self.problems: List[str] = []
        self.steps: List[Outcome] = []
        self.running: Optional[Outcome] = None
        self.write()

    @property
    def markdown_path(self) -> Path:
        return self.folder / "results.md"

    def set(self, name: str, facts: object) -> None:
        self.sections[name] = facts
        self.write()

    def add_problem(self, problem: str) -> None:
        self.problems.append(problem)

    def hear(self, outcome: Outcome) -> None:
        """A step that is not over."""
        self.running = outcome
        self.write()

    def add_step(self, outcome: Outcome) -> None:
        self.running = None
        self.steps.append(outcome)
        print(f"{outcome.name}: {outcome.status}, {outcome.seconds:.0f} s", flush=True)
        self.write()

    def all_passed(self) -> bool:
        return not self.problems and all(
            step.status in ("passed", "skipped") for step in self.steps
        )

    def verdict(self) -> str:
        counts: Dict[str, int] = {}
        for step in self.steps:
            counts[step.status] = counts.get(step.status, 0) + 1
        said = [f"{count} {status}" for status, count in counts.items()]
        return ", ".join(said + self.problems)

    def known(self) -> List[Outcome]:
        return self.steps + ([self.running] if self.running else [])

    def write(self) -> None:
        steps = [{key: value for key, value in vars(one).items() if key != "log"} for one in self.known()]
        content = {**self.sections, "problems": self.problems, "steps": steps}
        replace(self.folder / "results.json", json.dumps(content, indent=1) + "\n")
        replace(self.markdown_path, self.markdown())
        logs = [f"=== {step.name}\n{step.log}" for step in self.steps if step.log]
        replace(self.folder / "log.txt", "\n".join(logs))

    def markdown(self) -> str:
        parts = ["# Proof of an engine", *(f"**{problem}**" for problem in self.problems)]
        for name, facts in self.sections.items():
            parts.append(f"## {name.capitalize()}")
            parts.append(rows_table(facts) if isinstance(facts, list) else facts_table(facts))
        parts += ["## Steps", steps_table(self.known())]
        for step in self.known():
            parts += [f"## {step.name.capitalize()}", *step_parts(step)]
        return "\n\n".join(parts) + "\n"


def step_parts(step: Outcome) -> List[str]:
    parts = [f"Skipped: {step.skipped}"] if step.skipped else []
    said = step.problems + step.notes
    if said:
        parts.append("\n".join(f"- {line}" for line in said))
    for name, entries in step.tables.items():
        parts += [f"{name.capitalize()}:", rows_table([entry["row"] for entry in entries])]
    return parts


def replace(path: Path, text: str) -> None:
    """Whole or not at all: the machine may be gone at any moment."""
    draft = path.with_name(f"{path.name}.part")
    draft.write_text(text)
    os.replace(draft, path)
