"""Amelia, the booking plugin of WordPress, through the API for keys of its Elite licence: sessions, people, services.

API: https://wpamelia.com/documentation/ ("Amelia API") · the facts below were recorded by its vendor, of a live 9.7 and
of the free edition, or read in the source of 9.6 (docs/twins-amelia.md names the evidence of each).

Limits: 500 appointments a page; no rate limit of its own (hosts add theirs). Times have no zone.

Traps, and what is done about each:

* The path is a value of the query, and older versions cut the query undecoded: its slashes are never encoded.
* Times are those of the site's clock. Its zone is asked of WordPress's index in every run, and must be the config's.
* Nothing tells what changed: a window of days is read and compared, the coming days in every run and the rest in turn;
  what was booked for later is told by the list of payments, by day, whose stamps are good to a day only.
* Without `page` a list has no limit, and a malformed date means today: both always go along, and in the right form.
* A list by date is an object, empty it is `[]`. Which count is that of what was found differs by version.
* A group is one appointment with several bookings: a row is a booking. Its status is the booking's own, for the
  appointment may be pending while all its bookings are approved.
* No booking can be asked for by its number, and one may be moved into another appointment and keep it: where each was
  last seen is remembered, and only the whole list of its customer's appointments proves that it is no more.
* The only text for the staff is one an appointment: the marks of all its bookings are lines in it.
* 500 is an ordinary "no": what has Amelia's own form is an answer and is not asked again.
* An update lays fields over what is stored, bookings go whole or not at all, and the answer has no payments: whatever
  is changed is looked at before and after.
* Mails and reminders hang on one flag of the appointment: changes are sent with it off, and it is put back.
* A create may be answered with an appointment that there was: what is new is the booking.
* An update of a customer empties what it leaves out, and of one with a WordPress account it makes WordPress mail. An
  empty address makes it wipe what the person typed into every booking.
* The count beside a list of appointments may be of more than the list can show.
* Meeting addresses hold the host's key, bookings have tokens: they are not even read.

Read in this order: `settings`, `wire` (what the site sends), `times`, `notes` (the marks), `columns` (what each field
is), `kinds` (what each stream can do), `answers` (errors), `zone`, `listing`, `identity` (is it still that site?),
`catalogue`, `records`, `whereabouts`, `desk` (looks and changes), `booking` (new ones), `days`, `news`, `sessions`,
`customers`, `offers`, `service`.
"""

from higherself_sync.services.amelia.kinds import streams
from higherself_sync.services.amelia.service import Amelia, connect
from higherself_sync.services.amelia.settings import Settings

__all__ = ["Amelia", "Settings", "connect", "streams"]
