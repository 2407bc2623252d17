from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.scene import Scene
from tests.sandboxed import sandbox


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    """`scene("--records", "30")`: a fresh sandbox with those options, for this test alone."""
    with ExitStack() as stack:
        yield lambda *options: Scene(stack.enter_context(sandbox(tmp_path, *options)))
