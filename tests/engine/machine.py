"""How long the state machines look. A hunt looks longer and stops at the first bug it meets (tests/mutants.py)."""

import os

from hypothesis import HealthCheck, Phase, settings

HUNT = os.environ.get("HSN_MACHINE") == "hunt"


def looking(stories: int, steps: int, *, hunting: int = 1500) -> settings:
    """So many stories of so many steps at most; the same ones every time."""
    return settings(
        max_examples=hunting if HUNT else stories,
        phases=[Phase.generate] if HUNT else list(Phase),
        stateful_step_count=steps,
        deadline=None,
        report_multiple_bugs=False,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
