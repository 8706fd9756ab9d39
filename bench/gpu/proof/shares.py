"""How the time is divided: every step has a share of what is left, so that what one does not need the others have."""

from typing import Dict, Sequence

# In the order of the steps. What is known by then is worth more than what comes after it.
WEIGHTS: Dict[str, float] = {
    "load": 8,
    "exactness": 20,
    "determinism": 16,
    "resume": 14,
    "speed": 28,
    "endpoint": 14,
}


def share(steps_left: Sequence[str], seconds_left: float) -> float:
    """Seconds for the first of the steps that are left; at least one, to fail by itself and not by its limit."""
    weight = WEIGHTS[steps_left[0]] / sum(WEIGHTS[step] for step in steps_left)
    return max(1.0, seconds_left * weight)
