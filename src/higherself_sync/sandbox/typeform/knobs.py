"""What is not known of Typeform for certain, or differs between accounts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

_CHOICES: Mapping[str, tuple[Any, ...]] = {
    "data_centre": ("here", "elsewhere", "sibling"),
    "dropdown": ("choice", "text"),
    "after_order": ("asc", "desc"),
    "form_created": (200, 201),
}


@dataclass(frozen=True, slots=True)
class Knobs:
    data_centre: Literal["here", "elsewhere", "sibling"] = "here"
    """Where the account lives: "elsewhere" a good token is a bad one, at a "sibling" forms have no responses."""
    lag: float = 0.0
    """Seconds for which a new response is not returned; the documentation says about half an hour."""
    dropdown: Literal["choice", "text"] = "choice"
    """The type of the answer to a dropdown question: recorded since 2025, or documented."""
    after_order: Literal["asc", "desc"] = "asc"
    """In which order `after` alone gives what is newer."""
    form_created: Literal[200, 201] = 200
    """How `POST /forms` answers: as it was recorded through a proxy, or as it is documented."""

    def turned(self, values: Mapping[str, Any]) -> "Knobs":
        """Raises KeyError for an unknown knob, ValueError for a value that it has not."""
        known = asdict(self)
        for name, value in values.items():
            if name not in known:
                raise KeyError(f"no such knob: {name}; known: {', '.join(known)}")
            allowed = _CHOICES.get(name)
            if allowed is not None and (isinstance(value, bool) or value not in allowed):
                raise ValueError(f"{name} is {' or '.join(map(repr, allowed))}, not {value!r}")
            if allowed is None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
                raise ValueError(f"{name} is a number of seconds, not {value!r}")
        return replace(self, **values)

    def shown(self) -> dict[str, Any]:
        return asdict(self)
