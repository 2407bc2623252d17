"""Threads that take turns: what reads both sides side by side then does the same in every run.

It is one of the orders in which threads may come.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple, Self


def take_turns(module: ModuleType, replace: Callable[[ModuleType, str, object], object] = setattr) -> None:
    """Put them in the place of the threads that `module` uses."""
    replace(module, "ThreadPoolExecutor", TurnTaking)
    replace(module, "wait", first_in_turn)


class TurnTaking:
    """A pool of threads that has no threads: work is done when somebody waits for it, the longest waiting first."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, work: Callable[..., Any], *args: Any) -> "Due":
        due = Due()
        due.work = partial(work, *args)
        return due


class Due(Future[Any]):
    work: Callable[[], Any]


class Done(NamedTuple):
    done: list[Due]


def first_in_turn(waiting: Iterable[Due], **_: object) -> Done:
    """As `concurrent.futures.wait(waiting, return_when=FIRST_COMPLETED)`."""
    first = next(iter(waiting))
    first.set_result(first.work())
    return Done([first])
