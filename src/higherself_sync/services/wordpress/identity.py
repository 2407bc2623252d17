"""Whether the site behind the address is still the one that it was (ENGINE 17).

WordPress tells nobody an id of the site. But every run reads a list in which each thing has an id and the second in
which it was made. These stay when the site's name, address or version changes, and another site has others.
"""

import json
from collections.abc import Mapping, MutableMapping

from higherself_sync.errors import ConfigError

FIRST = 5  # things that are remembered: some may go


def check_identity(
    made: Mapping[str, str], cache: MutableMapping[str, str], key: str, *, what: str, url: str, place: str
) -> None:
    """`made`: id and when it was made, of everything there is. Raises ConfigError where it is another site."""
    known: dict[str, str] = json.loads(cache.get(key, "{}"))
    there = known.keys() & made.keys()
    if there and all(known[each] != made[each] for each in there):
        raise ConfigError(
            f"another site answers at {url}: its first {what} are others than before",
            place=place,
            remedy="put the former site back, or give this one a name of its own under [services]; "
            "if it is the same site, set up anew, run once with --rebuild",
        )
    if made:
        first = sorted(made, key=int)[:FIRST]
        cache[key] = json.dumps({each: made[each] for each in first})
