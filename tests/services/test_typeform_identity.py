"""Another account behind the token is noticed before anything of it is read, and at no cost."""

import pytest

from higherself_sync.errors import ConfigError
from higherself_sync.sandbox.typeform import TypeformTwin
from tests.services.typeform_account import TwinTransport, adapter, records

OURS, THEIRS, MORE = ({"href": f"https://api.typeform.com/workspaces/{name}"} for name in ("ours", "theirs", "more"))
WORDS = {"type": "long_text", "ref": "words", "title": "What do you say?"}


def account(seed: int, *workspaces: dict[str, str]) -> TwinTransport:
    """One with a form in each of these workspaces, and an answer to each."""
    transport = TwinTransport(TypeformTwin(seed))
    for workspace in workspaces:
        transport.answer(transport.form("A form", WORDS, workspace=workspace), {"words": "Good"})
        transport.now = transport.now.replace(minute=transport.now.minute + 1)
    return transport


def forms(transport: TwinTransport) -> list[str]:
    return [each["id"] for each in transport.twin.dump()["forms"]]


@pytest.fixture
def cache() -> dict[str, str]:
    """What is remembered after a run over our account."""
    kept: dict[str, str] = {}
    records(adapter(account(1, OURS), kept))
    return kept


@pytest.mark.parametrize("stream", ["responses", "leads"])
def test_another_account_is_refused_before_anything_of_it_is_read(cache: dict[str, str], stream: str) -> None:
    other, before = account(2, THEIRS), dict(cache)
    for _ in range(2):
        with pytest.raises(ConfigError, match="another account") as caught:
            records(adapter(other, cache, leads=forms(other) if stream == "leads" else []), stream)
    assert (caught.value.exit_code, caught.value.place) == (4, "services.forms")
    assert "--rebuild" in caught.value.remedy
    assert not [path for path in other.paths() if path.endswith("/responses")]
    assert cache == before, "neither is what was known unlearned, nor what was met learned"


def test_a_large_account_is_not_gone_through(cache: dict[str, str]) -> None:
    other = account(2, *[THEIRS] * 9)
    with pytest.raises(ConfigError, match="another account"):
        records(adapter(other, cache))
    assert len(other.requests) == 1 + 5


@pytest.mark.parametrize("seed", [1, 2], ids=["a form was there", "all are new"])
def test_what_an_account_may_go_through_is_no_other_account(cache: dict[str, str], seed: int) -> None:
    """New forms, in new workspaces too: one that is known is enough."""
    anew = account(seed, OURS, MORE)
    assert len(records(adapter(anew, cache))) == 2


def test_while_a_form_is_there_that_was_read_nothing_more_is_asked(cache: dict[str, str]) -> None:
    ours = account(1, OURS, THEIRS)
    (new,) = (each for each in forms(ours) if f"forms:form:{each}" not in cache)
    records(adapter(ours, cache))
    assert [path for path in ours.paths() if not path.endswith("/responses")] == ["/forms", f"/forms/{new}"]


@pytest.mark.parametrize("side", ["then", "now"])
def test_where_no_workspace_is_told_nobody_can_tell(cache: dict[str, str], side: str) -> None:
    """A form that another version of hsn had read, or one that lies nowhere."""
    if side == "then":
        cache.update({key: value.replace(OURS["href"], "") for key, value in cache.items()})
    other = account(2, THEIRS if side == "then" else {"href": ""})
    assert len(records(adapter(other, cache))) == 1
