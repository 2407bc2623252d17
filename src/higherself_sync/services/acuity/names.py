"""The two parts that Acuity wants of a name."""

from higherself_sync.errors import Refused
from higherself_sync.services.acuity.columns import squeezed


def parted(name: str, first: str, last: str, place: str) -> tuple[str, str]:
    """First and last name: a part that still stands at its end stays as it was, else the last space divides.

    Raises Refused for a name of one word: Acuity takes no appointment without both parts.
    """
    name = squeezed(name)
    first, last = squeezed(first), squeezed(last)
    if first and name.startswith(f"{first} "):
        return first, name[len(first) + 1 :]
    if last and name.endswith(f" {last}"):
        return name[: -len(last) - 1], last
    head, _, tail = name.rpartition(" ")
    if not head:
        reason = f"Acuity wants a first and a last name: {name!r} is one word" if name else "the name is empty"
        raise Refused(f"{reason}; write both into Name of the Clients row", place=place)
    return head, tail
