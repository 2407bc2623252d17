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


@pytest.fixture
def synced(scene: Callable[..., Scene]) -> Scene:
    """Thirty records of the shop, synced; ten minutes later."""
    here = scene("--records", "30")
    here.sync()
    here.later(600)
    return here


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
