"""`[services.NAME]` of a site with UserFeedback."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from higherself_sync.secret import Secret
from higherself_sync.services.wordpress.settings import Address, ZoneName


class Settings(BaseModel):
    """`user`: the login that the application password belongs to. `timezone`: asked from the site where it is unset."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["userfeedback"] = "userfeedback"
    url: Address
    user: str
    application_password: Secret
    timezone: ZoneName | None = None
