"""`[services.NAME]` of an Acuity account."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from higherself_sync.secret import Secret
from higherself_sync.sections import safe_address


def _zone(raw: str) -> str:
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('must be the name of a time zone, as "Europe/Berlin"') from None
    return raw


Days = Annotated[int, Field(ge=0, le=3650)]


class Settings(BaseModel):
    """`back` and `ahead`: the window in days around today; `always`: the part of it that every run reads.

    `marker_field`: the id of an intake form's field that holds the back-links, instead of the notes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["acuity"] = "acuity"
    user_id: Annotated[str, Field(pattern=r"^[0-9]+$")]
    api_key: Secret
    base_url: Annotated[str, AfterValidator(safe_address)] = "https://acuityscheduling.com/api/v1"
    back: Days = 30
    ahead: Days = 90
    always: Annotated[tuple[Days, Days], Field(strict=False)] = (1, 14)  # TOML has lists
    marker_field: Annotated[int, Field(gt=0)] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    requests_per_second: Annotated[int, Field(ge=0, le=10)] = 10
