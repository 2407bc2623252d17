"""What an id of this site looks like."""

import re
from collections.abc import Iterable


def numbers_in(ids: Iterable[str]) -> list[str]:
    return [each for each in dict.fromkeys(ids) if re.fullmatch(r"[1-9][0-9]*", each)]
