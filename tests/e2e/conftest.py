from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.scene import Scene
from tests.sandboxed import sandbox


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    """`scene("--records", "30")`: a fresh sandbox with those options, for this test alone, and of it just the shop.

    `services=(…)`: others of its services, or several.
    """
    with ExitStack() as stack:

        def made(*options: str, services: Collection[str] = ("shop",)) -> Scene:
            return Scene(stack.enter_context(sandbox(tmp_path, *options, services=services)))

        yield made
