"""What a Typeform account offers, as data."""

from higherself_sync.core.record import Ability, Entity, Stream
from higherself_sync.services.typeform.settings import Settings

OVERLAP = 3600.0  # seconds: for half an hour a response may be missing from lists
PERSON = ("name", "email", "phone")
FEEDBACK = ("feedback", "client", "content", "rating", "submitted", "form")


def streams(name: str, settings: Settings) -> tuple[Stream, ...]:
    """What an account called `name` offers, in the order of work."""
    people = Stream(
        service=name,
        name="people",
        entity=Entity.CLIENTS,
        fields=dict.fromkeys(PERSON, Ability()),
        keyed=True,
        derived=True,
    )
    # Responses that are read for the people in them alone. A record whose heir is there already gets no row, and these
    # are their own heirs, by their token as `key`.
    leads = Stream(
        service=name,
        name="leads",
        entity=Entity.CLIENTS,
        fields=dict.fromkeys(PERSON, Ability()),
        keyed=True,
        heir="leads",
        modified_since=True,
        overlap=OVERLAP,
    )
    columns = (*FEEDBACK, "product") if names_products(settings) else FEEDBACK
    responses = Stream(
        service=name,
        name="responses",
        entity=Entity.FEEDBACK,
        fields=dict.fromkeys(columns, Ability()),
        modified_since=True,
        overlap=OVERLAP,
    )
    return people, *((leads,) if settings.leads else ()), responses


def names_products(settings: Settings) -> bool:
    """Whether some form says of which product it speaks; else Product is left to people."""
    return any(roles.product for roles in settings.fields.values())
