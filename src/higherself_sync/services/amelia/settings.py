"""`[services.NAME]` of a site that takes bookings."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from higherself_sync.secret import Secret
from higherself_sync.services.wordpress.settings import Address, ZoneName


class Settings(BaseModel):
    """`timezone`: the site's, for its times have none; left out it is what the site's own index says.

    `back`, `ahead`: the window, in days. `always`: so many days ahead are read in every run, the rest of the window in
    turn. `provider`: who gives a session made in Notion where the row does not say (name, e-mail or id).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["amelia"] = "amelia"
    url: Address
    api_key: Secret
    timezone: ZoneName | None = None
    back: Annotated[int, Field(ge=0, le=3650)] = 30
    ahead: Annotated[int, Field(ge=1, le=3650)] = 90
    always: Annotated[int, Field(ge=0, le=3650)] = 14
    provider: str | None = None
