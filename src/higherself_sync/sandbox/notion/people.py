"""Users: the bot itself, the other bots and the people of the workspace."""

from .call import listing
from .errors import ApiError, invalid, user_not_found
from .ids import parse_uuid
from .objects import Objects
from .query import number, page_size
from .store import Json


def me(world: Objects) -> Json:
    return world.store.users[world.call.caller.user].shape


def retrieve(world: Objects) -> Json:
    user_id = world.call.uuid(0, "user_id")
    if user_id not in world.store.users:
        raise _unknown(world, user_id)
    return _seen(world, user_id)


def _unknown(world: Objects, user_id: str) -> ApiError:
    return user_not_found(user_id, world.integration_id)


def _seen(world: Objects, user_id: str) -> Json:
    """Other integrations' bots do not show their workspace."""
    user = world.store.users[user_id]
    return user.shape if user_id == world.call.caller.user else user.in_property


def everyone(world: Objects) -> Json:
    call = world.call
    size = page_size(number(call.one("page_size")), "query.page_size")
    ids = list(world.store.users)
    start = _start(ids, call.one("start_cursor"))
    follower = ids[start + size] if start + size < len(ids) else None
    return listing("user", [_seen(world, one) for one in ids[start : start + size]], follower)


def _start(ids: list[str], cursor: str | None) -> int:
    if cursor is None:
        return 0
    if (wanted := parse_uuid(cursor)) not in ids:
        raise invalid(f"The start_cursor provided is invalid: {cursor}")
    return ids.index(wanted)
