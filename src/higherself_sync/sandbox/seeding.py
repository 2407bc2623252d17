"""Shares made-up records out among the twins; each makes its own, of the same invented people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from higherself_sync.sandbox.wire import Twin

EVERYBODY_FROM = 40
"""With fewer records than this all are the largest twin's, the shop's: a small sandbox is easier to count on."""


@runtime_checkable
class Fillable(Protocol):
    """A twin with made-up data of its own.

    `fill` adds `records` records to a twin that is empty, dated before `now`, the same for the same seed. The people in
    it are the first of `people(random.Random(seed))`, so that one person is found in several services.
    """

    share: int  # of 100 records, how many are this twin's where every twin takes part

    def fill(self, records: int, seed: int, now: datetime) -> None: ...


def fill(twins: Mapping[str, Twin], records: int, seed: int, now: datetime) -> None:
    """Add `records` records in all to the twins, which are empty."""
    fillable = sorted((each for each in twins.values() if isinstance(each, Fillable)), key=lambda each: each.share)
    if records < EVERYBODY_FROM:
        fillable = fillable[-1:]
    left, shares = records, sum(twin.share for twin in fillable)
    for twin in fillable:  # the largest takes what rounding leaves
        count = left * twin.share // shares if shares else 0
        twin.fill(count, seed, now)
        left, shares = left - count, shares - twin.share
