"""Tutor LMS, the WordPress plugin: the courses of one site, what students said of them, and (Pro) who is enrolled.

API: https://docs.themeum.com/tutor-lms/developer-documentation/rest-api/ · facts below were seen on the free 4.0.2 and
2.7.6 (*recorded* and *run*; docs/twins-tutorlm.md has each with its evidence), or read in the source (*read*).

Limits: none of its own. A page of courses is as long as the site's setting says (20), whatever is asked for. The free
edition has twelve routes, all to read, and none for enrolments; nothing is written here.

Traps, and what is done about each:

* "Not found" is a 200 whose `code` is `not_found` and whose `data` is a list: the code decides. Past the last page the
  totals vanish, so no page past the last is asked for.
* `paged` is the parameter, `per_page` and `page` are ignored. `orderby=ID` (not `id`, which quietly is the date) holds
  still while courses are renamed; a list is whole if its distinct ids are as many as the total on both ends.
* Nothing tells of a new review but the course's `ratings`, in the list of courses: so that list is read in every run,
  once for courses and reviews together, and only courses whose ratings changed are asked for their reviews.
* `ratings` counts reviews that are not approved, which are not shown: a course that shows fewer than it counts is asked
  again in every run, for approving one changes no count. A review that is edited and keeps its stars changes nothing
  that could be seen: the next complete read finds it.
* The list has published courses alone, and `courses/ID` cannot tell a course from none. WordPress's own
  `wp/v2/courses/ID` can: 404 `rest_post_invalid_id` is one that was deleted, 401 one that is not public (a draft, or in
  the trash), which proves nothing.
* The key is one for `tutor/v1` alone. At `wp/v2` it is taken for a login and refused, so that is asked without it.
* Titles of `wp/v2` are dressed up (curly quotes, entities); those of `tutor/v1` are as they were typed.
* A course's times come in UTC, a review's from 4.0 on; older ones have the site's clock, see `services/wordpress`.
* Counts are text, but the number 0 where there is none; a price is text, or empty.
* The author comes with login and e-mail. Neither is read.
* Enrolments need Pro, whose answers nobody here has seen: what has the documented names is read, and what has not is
  left out. That nothing is missing can then not be told, so none is ever taken for deleted. What was paid through the
  shop is the shop's order: where `same_site` names it, only enrolments in courses without a price are orders here.

Read in this order: `settings`, `wire`, `columns` (what each field is), `listing`, `courses`, `reviews`, `enrolments`,
`service`.
"""

from higherself_sync.services.tutorlm.columns import streams
from higherself_sync.services.tutorlm.service import TutorLM, connect
from higherself_sync.services.tutorlm.settings import Settings

__all__ = ["Settings", "TutorLM", "connect", "streams"]
