"""`[services.NAME]` of a site with Tutor LMS."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from higherself_sync.secret import Secret
from higherself_sync.services.base import SameSite
from higherself_sync.services.wordpress.settings import Address, ZoneName

Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]


class Settings(BaseModel):
    """`timezone`: asked from the site where it is unset. `same_site`: the WooCommerce service of this very site, whose
    customers are then the students, by the number of the user."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["tutorlm"] = "tutorlm"
    url: Address
    api_key: Secret
    api_secret: Secret
    timezone: ZoneName | None = None
    same_site: Annotated[Name | None, SameSite("woocommerce")] = None
