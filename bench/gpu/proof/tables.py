"""Rows as Markdown tables."""

from typing import Dict, Iterable, List, Mapping, Sequence

from .steps import Outcome


def rows_table(rows: Sequence[Mapping[str, object]]) -> str:
    """Columns in the order in which they are first named; a row need not have all."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return table(columns, [[text(row.get(name, "")) for name in columns] for row in rows])


def facts_table(facts: Mapping[str, object]) -> str:
    """What takes several lines is left to results.json."""
    lines = [[name, text(value)] for name, value in facts.items() if "\n" not in str(value)]
    return table(["", ""], lines)


def steps_table(steps: Iterable[Outcome]) -> str:
    rows: List[Dict[str, object]] = []
    for step in steps:
        said = ([step.skipped] if step.skipped else []) + step.problems + step.notes
        more = f" (and {len(said) - 1} more)" if len(said) > 1 else ""
        time = f"{step.seconds:.1f} of {step.limit:.1f}"
        why = said[0] + more if said else ""
        rows.append({"step": step.name, "outcome": step.status, "seconds": time, "why": why})
    return rows_table(rows) if rows else "None yet."


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    widths = [
        max([3, len(title), *(len(row[i]) for row in body)]) for i, title in enumerate(head)
    ]
    lines = [_line(head, widths), _line(["-" * width for width in widths], widths)]
    return "\n".join(lines + [_line(row, widths) for row in body])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"


def text(value: object) -> str:
    """A bar or a line end would end the cell."""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return ("" if value is None else str(value)).replace("|", "\\|").replace("\n", " ")
