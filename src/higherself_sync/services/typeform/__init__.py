"""Typeform, Create and Responses APIs: the responses to forms, and the people who gave them. Nothing is written to it.

API: https://www.typeform.com/developers/ · facts below are those of docs/twins-typeform.md, with how each is known.

Limits: 2 requests a second an account; 1000 responses and 200 forms a page. A new response may be missing from lists
for half an hour.

Traps, and what is done about each:

* A bad token is 403, not 401, and so is a good one at the wrong data centre. A sibling data centre even answers: it has
  the forms, and no response to any of them. So a list of forms that has become empty is not believed, and where no
  response is to be seen at all, none counts as deleted. `hsn health` asks the other data centres whose token it is.
* There is no `page`: `before` walks back from the newest, and `sort` with it is a 400. Nobody agrees on what `after`
  orders by; it is never sent.
* `total_items` counts what is left from the cursor on, and it changes meanwhile, since people go on answering. A walk
  is complete when the service itself says that nothing older is left; any other end is an error.
* Large pages repeat items: a response is known by its `token`, which alone is in every item.
* A completed response never changes, and has no time of change. `since` compares `submitted_at` and is inclusive, so
  what is asked is "what came since", from an hour before: the half hour above, and as much again.
* Items that were never submitted carry the year 1, partial ones a type of their own. Both are left out.
* Answers name questions by id and ref. Two questions may share a ref, a question may be gone from the form, and choices
  may be called otherwise by now: the id counts first, and the answer's own label goes before the form's.
* A deleted response just stops appearing. It is proved gone where its form answers a question for that very token and
  does not show it; a form that is gone answers nothing, and what it held is out of sight, no more. A token does not
  tell its form: `Record.native` remembers it, and where nobody knows, every form that was ever read has to answer.
* Lists do not say whose they are: where none of the forms is left that were read before, and the new ones lie in other
  workspaces, it is another account's token, and nothing of it is read.
* `metadata` (browser, network id, referer) tells who somebody is, and is never read.

Read in this order: `settings`, `streams` (what each can do), `wire` (what Typeform sends), `words` and `names` (what
questions and answers say), `reading` (what becomes of a response), `identity` (is it still that account?), `account`
(requests and errors), `replica`, `service`.
"""

from higherself_sync.services.typeform.service import Typeform, connect
from higherself_sync.services.typeform.settings import Settings
from higherself_sync.services.typeform.streams import streams

__all__ = ["Settings", "Typeform", "connect", "streams"]
