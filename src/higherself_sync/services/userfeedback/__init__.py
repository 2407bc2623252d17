"""UserFeedback, the WordPress plugin: the answers to the surveys of one site, and the people who left their e-mail.

There is no public documentation of its REST API `userfeedback/v1`. Facts below were seen on Lite 1.2.0 (*recorded* and
*run*; docs/twins-userfeedback.md has each with its evidence), or read in the source of 1.3.0, 1.6.0 and 1.8.0 (*read*).

Limits: none of its own. It is read with the application password of a user who has the plugin's two rights, to edit
surveys and to view results; an administrator has them, a shop manager has not. Nothing can be written.

Traps, and what is done about each:

* A response has no route of its own, and its path is that of its survey. So an id here is `SURVEY-RESPONSE`: one table
  has all responses, which makes the second part unique, and the first says where to look.
* There is no filter by date, and the newest id comes first, whatever is asked for. A response is never edited: new ones
  are read from the top down to the highest id of the last read.
* Pages shift down while new responses arrive: what comes twice is taken once. They shift up when some go: a list whose
  total shrank from one page to the next is begun again. A whole list is as long as its first total.
* The question's text and kind are in the survey alone. What was asked is remembered, so that an answer keeps its
  question when that is taken out of the survey.
* Responses in the trash are in no list but that of `filter[status]=trash`. Up to 1.0.9 it is not looked at, so what
  counts as thrown away has to say so itself; 1.3 forgets which survey was asked for, so each response is taken for the
  survey that it names; 1.6 and 1.8 find nothing at all, and then only the next complete read shows that a response is
  gone; 1.11.2 has those of the survey. *Read.*
* A release between 1.0.9 and 1.2 forgets the survey without a filter, too: what is of another is left to it. *Read.*
* Up to 1.3 `status_filters` counts all surveys, later this one. It is only compared with what it was.
* A page size or number that is no number is a PHP fatal. Both are always sent as numbers.
* An unknown survey's responses are an empty list with a 200; the survey itself is a 404 without a body. An error in the
  database is an empty list, too: that a response is gone is proved by a list that holds others, or by the 404.
* Times are the site's own, without a zone, see `services/wordpress`.
* A value is a number, text or a list, in the type that the browser sent. Empty objects come as `[]`.

What a browser tells of a visitor (address, browser, system, device) is never read.

Read in this order: `settings`, `wire`, `columns` (what each field is), `listing`, `replica`, `service`.
"""

from higherself_sync.services.userfeedback.columns import streams
from higherself_sync.services.userfeedback.service import UserFeedback, connect
from higherself_sync.services.userfeedback.settings import Settings

__all__ = ["Settings", "UserFeedback", "connect", "streams"]
