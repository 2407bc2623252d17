"""The registry of adapters: one module a kind of service, found by listing this package.

Nothing is imported until a kind is asked for: `hsn status` has no use for an adapter it does not show.
"""

import pkgutil
from importlib import import_module
from types import ModuleType

_NO_ADAPTERS = frozenset({"base", "wordpress"})

# `kind = "woocommerce"` in the config names the module of that name.
KINDS = tuple(sorted(each.name for each in pkgutil.iter_modules(__path__) if each.name not in _NO_ADAPTERS))


def load(kind: str) -> ModuleType:
    """The adapter's module: `Settings`, `streams(name, settings)`, `connect(name, settings, open_door, cache)`.

    Raises KeyError for an unknown kind.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    return import_module(f"{__name__}.{kind}")
