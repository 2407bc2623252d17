"""A config that names a service beside the shop."""

import tomllib
from collections.abc import Mapping
from typing import Any

import tomli_w

from tests.e2e.scene import Scene


def configured(here: Scene, name: str, settings: Mapping[str, Any]) -> None:
    """Write `[services.NAME]` into the config of a sandbox; whatever it says of that kind goes."""
    table = tomllib.loads(here.ground.config.read_text())
    others = {key: each for key, each in table["services"].items() if each["kind"] != settings["kind"]}
    table["services"] = {**others, name: dict(settings)}
    here.ground.config.write_text(tomli_w.dumps(table))
