"""What each stream can do, as data."""

from collections.abc import Sequence
from typing import Any

from higherself_sync.core.record import Entity, Stream
from higherself_sync.services.amelia.columns import CUSTOMER_COLUMNS, SERVICE_COLUMNS, SESSION_COLUMNS, Column
from higherself_sync.services.amelia.settings import Settings

MARK_BATCH = 20  # one request an appointment, so that a batch does not take long


def streams(name: str, settings: Settings) -> tuple[Stream, ...]:
    """What a site called `name` offers, in the order of work.

    Customers hold no marker: their only text is a note that is sent to other systems, and every write to it would
    carry the whole person. The e-mail, which two of them cannot share, finds them again.
    """
    customers = Stream(
        service=name,
        name="customers",
        entity=Entity.CLIENTS,
        fields=_abilities(CUSTOMER_COLUMNS),
        create=True,
        update=True,
        keyed=True,
        required=("name", "email"),
    )
    services = Stream(service=name, name="services", entity=Entity.PRODUCTS, fields=_abilities(SERVICE_COLUMNS))
    appointments = Stream(
        service=name,
        name="appointments",
        entity=Entity.APPOINTMENTS,
        fields=_abilities(SESSION_COLUMNS),
        create=True,
        update=True,
        marker=True,
        keyed=True,
        required=("when", "service_type", "client"),
        window=(settings.back, settings.ahead),
        mark_batch=MARK_BATCH,
    )
    return customers, services, appointments


def _abilities(columns: Sequence[Column[Any]]) -> dict[str, Any]:
    return {column.name: column.ability() for column in columns}
