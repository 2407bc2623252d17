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


@pytest.fixture(scope="module", params=["hpos", "posts"])
def storage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def shop(storage: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A small shop that was synced and has come to rest."""
    with sandbox(tmp_path_factory.mktemp(storage), "--records", "12") as ground:
        here = Scene(ground)
        ground.control("POST", "knobs", {"storage": storage})
        here.sync()
        here.later(60)
        here.sync()
        yield here


@pytest.fixture
def here(shop: Scene) -> Iterator[Scene]:
    """Ten minutes after whatever was done last, with nothing broken and nothing logged."""
    shop.later(600)
    shop.forget_requests()
    yield shop
    shop.mend()
    shop.ground.control("POST", "clock", {"freeze": False})
