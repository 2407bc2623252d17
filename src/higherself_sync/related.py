"""Rows that others relate to: one that is gone holds nobody up (ENGINE 25)."""

from collections.abc import Collection

from higherself_sync.bench import Bench
from higherself_sync.core.record import Entity, Gone, Values, fields_of, members
from higherself_sync.outcome import page_looked_up


def without_lost(bench: Bench, entity: Entity, values: Values) -> Values | None:
    """These values without related rows that turn out to be gone; None where none of them is."""
    lost: set[str] = set()
    for name, each in fields_of(entity).items():
        if each.target is not None and each.target in bench.hub:
            lost |= look_for(bench, each.target, members(values.get(name)) - bench.hidden)
    if not lost:
        return None
    return {name: value - lost if isinstance(value, frozenset) else value for name, value in values.items()}


def look_for(bench: Bench, entity: Entity, page_ids: Collection[str]) -> set[str]:
    """Which of these rows are not to be seen any more; that is remembered. In the trash: by nobody's edit."""
    with bench.blame(None):
        found = bench.hub[entity].fetch(sorted(page_ids)) if page_ids else {}
    lost = {page_id: state for page_id, state in found.items() if isinstance(state, Gone)}
    with bench.state.transaction():
        for page_id, state in lost.items():
            page_looked_up(bench, entity, page_id, state)
    return set(lost)
