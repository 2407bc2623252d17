"""Acuity Scheduling, API v1: appointments, who comes to them, and what can be booked, of one account.

API: https://developers.acuityscheduling.com/reference · how each fact is known stands in docs/twins-acuity.md.

Limits: 10 requests a second and 20 at once, by address; a list has 100 appointments unless asked for more.

Traps, and what is done about each:

* There is no modified-since filter: days are read and compared, the near ones in every run, the rest in turn.
* A list is cut in silence: one that is full is asked for again in halves, and a crowded day from both ends.
* One that moves while lists are read comes twice, or not at all: the later one counts, and a missing one is asked for.
* `minDate` and `maxDate` are days of the business's zone, and a time without an offset is the business's: neither is
  left to chance. Lengths are minutes that pass, whatever the clocks do.
* Lists hide canceled ones, and leave out two keys of single answers: `showall`, and only keys that both have.
* What PUT does not know, and notes without `admin`, it ignores and answers 200: an update ends with a look.
* A cancellation cannot be undone and there is no delete: only Status leads to one, and `archive` is refused.
* Names of types may end in a space, `paid` is no amount, phones are digits here and `(123) 555-0101` there.
* People have no id. Each appointment tells of one, and so does a list of clients, of which PUT replaces a whole entry,
  found by names and phone: it is written with every field, and only where nobody else could be meant.
* Filters compare letter by letter: an e-mail address is asked for in each spelling that was seen.
* Notes belong to the staff: the back-link is one line of them, or the answer to a field of a form.
* Answers hold links by which anybody may cancel or pay: they are not even parsed.

Read in this order: `settings`, `wire` (what Acuity sends), `markers`, `columns` (what each field is), `kinds` (what
each stream can do), `signing`, `answers` (errors), `windows`, `spellings`, `appointment_types`, `names`, `bookings`
(what a new one is made of), `appointments`, `people`, `service`.
"""

from higherself_sync.services.acuity.kinds import streams
from higherself_sync.services.acuity.service import Acuity, connect
from higherself_sync.services.acuity.settings import Settings

__all__ = ["Acuity", "Settings", "connect", "streams"]
