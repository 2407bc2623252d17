"""New sessions: a row that a person made in Notion becomes a booking.

Nobody gets mail: neither a new appointment nor a new customer is told of. Amelia may answer with an appointment that
there was: a canceled one of that hour comes back to life, a group with room is joined. What is new is the booking.
"""

from higherself_sync.core.record import Draft, Record, email_key
from higherself_sync.errors import Absent, Refused
from higherself_sync.services.amelia import notes
from higherself_sync.services.amelia.answers import Site
from higherself_sync.services.amelia.catalogue import Catalogue
from higherself_sync.services.amelia.customers import Customers
from higherself_sync.services.amelia.desk import Desk
from higherself_sync.services.amelia.listing import parsed
from higherself_sync.services.amelia.wire import JSON, Appointment


class Bookings:
    def __init__(self, site: Site, desk: Desk, catalogue: Catalogue, customers: Customers) -> None:
        self._site, self._desk, self._catalogue, self._customers = site, desk, catalogue, customers

    def make(self, draft: Draft) -> Record:
        """Raises Refused where something is missing or the hour is taken, Unanswered where it may have been made."""
        start, body = self._desk.starting(draft.values.get("when")), self._place(draft)
        customer = self._customer(draft)
        text = draft.values.get("notes")
        line = notes.Line("customer", customer, draft.marks)
        body |= {
            "bookings": [
                {
                    "customerId": customer,
                    "status": draft.values.get("status") or "approved",
                    "persons": 1,
                    "extras": [],
                    "customFields": None,
                }
            ],
            "bookingStart": start,
            "internalNotes": notes.written(text if isinstance(text, str) else None, [line]),
            "notifyParticipants": 0,
            "recurring": [],
        }
        try:
            answer = self._site.post("/appointments", body).part("appointment")
        except Absent as error:  # something that was named is not there any more; nothing was made
            raise Refused(error.message, place=error.place) from error
        return self._made(parsed(self._site, Appointment, answer, "the new appointment"), customer)

    def _place(self, draft: Draft) -> JSON:
        """Service, employee and place, as the row says, else as the config and the catalogue do."""
        wanted, calendar = draft.values.get("service_type"), draft.values.get("calendar")
        offer = self._catalogue.offer_called(str(wanted or ""))
        usual = self._site.settings.provider
        giver = self._catalogue.giver(offer, calendar if isinstance(calendar, str) else None, usual)
        return {"serviceId": offer.id, "providerId": giver.id, "locationId": giver.location_id}

    def _customer(self, draft: Draft) -> int:
        """Who is to come, found in Amelia or registered there."""
        if len(draft.people) != 1:
            message = "Client: one row is one booking, so it needs one Client"
            raise Refused(message, place=self._site.place)
        (person,) = draft.people
        prefix = f"{self._site.name}:customers:"
        for line in person.marks.lines:
            number = line.removeprefix(prefix)
            if line.startswith(prefix) and number.isdecimal():
                return int(number)
        if email_key(str(person.values.get("email") or "")) is None:
            message = "Client: Amelia does not know this person yet, and needs an Email to know the person by"
            raise Refused(message, place=self._site.place)
        return self._customers.known_or_new(person)

    def _made(self, appointment: Appointment, customer: int) -> Record:
        mine = [each.id for each in appointment.bookings if each.customer_id == customer]
        newest = max(mine, default=0)
        if not mine or self._desk.spot(newest) is not None:
            message = f"Amelia answered with appointment {appointment.id}, and no new booking is in it"
            raise Refused(message, place=self._site.place)
        found = self._desk.look(appointment.id).get(str(newest))
        if found is None:
            raise Refused(f"booking {newest} was made, and is gone already", place=self._site.place)
        return found
