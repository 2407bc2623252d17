"""Every rule of the law is the subject of a test that names it: `test_engine_22_…`, or an id `engine 22: …`."""

import re
from pathlib import Path

RULES = range(1, 30)
NAMED = re.compile(r"def test_engine_(\d+)_|[\"']engine (\d+)")


def test_every_rule_is_named_by_a_test() -> None:
    found = {
        int(number)
        for path in Path(__file__).parent.rglob("test_*.py")
        for match in NAMED.finditer(path.read_text(encoding="utf-8"))
        for number in match.groups()
        if number
    }
    assert found == set(RULES)
