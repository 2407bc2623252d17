"""`[services.NAME]` of a Typeform account."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from higherself_sync.secret import Secret
from higherself_sync.sections import safe_address

# Where accounts live; a token is good at one of them alone.
DATA_CENTRES = ("https://api.typeform.com", "https://api.eu.typeform.com", "https://api.typeform.eu")

FormId: TypeAlias = Annotated[str, Field(pattern=r"^\w+$")]
FormIds: TypeAlias = Annotated[tuple[FormId, ...], Field(strict=False)]  # TOML has lists
Ref: TypeAlias = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Roles(_Section):
    """What is taken from which question of one form: the question's ref, or the name of a hidden field."""

    rating: Ref | None = None
    content: Ref | None = None
    email: Ref | None = None
    name: Ref | None = None
    phone: Ref | None = None
    product: Ref | None = None


class Settings(_Section):
    """`forms`: None stands for all that the token sees. `account`: tells two accounts at one address apart."""

    kind: Literal["typeform"] = "typeform"
    token: Secret
    base_url: Annotated[str, AfterValidator(safe_address)] = DATA_CENTRES[0]
    forms: FormIds | None = None
    leads: FormIds = ()
    fields: Mapping[str, Roles] = Field(default_factory=dict)
    account: str | None = None
    requests_per_second: Annotated[int, Field(ge=0)] = 2

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        """Raises ValueError."""
        if both := sorted(set(self.forms or ()) & set(self.leads)):
            raise ValueError(f"forms and leads both name {', '.join(both)}: a form is one or the other")
        return self

    def roles(self, form_id: str) -> Roles:
        return self.fields.get(form_id, Roles())
