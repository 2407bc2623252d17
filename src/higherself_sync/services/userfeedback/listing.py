"""Surveys and lists of responses as the site gives them, known to be whole."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from higherself_sync.errors import Unreachable
from higherself_sync.services.userfeedback.wire import Listing, Survey
from higherself_sync.services.wordpress.site import Site

SMALL, LARGE = 50, 500  # responses a page; 1000 were seen to be given
ATTEMPTS = 3  # at reading a list that changes meanwhile


class Lists:
    def __init__(self, site: Site) -> None:
        self._site = site

    def surveys(self, status: str = "") -> tuple[tuple[Survey, ...], datetime]:
        """All but those in the trash, or those of one status; and the site's time. Without `page` the list is whole."""
        answer = self._site.ask("surveys", {"filter[status]": status} if status else None)
        if not isinstance(answer.json, list):
            raise Unreachable("that is no list of surveys", place=self._site.place, remedy="check url")
        surveys = tuple(self._site.parsed(Survey, each, "surveys") for each in answer.json)
        return surveys, answer.as_of

    def survey(self, number: str) -> Survey | None:
        """None for one that is no more: a 404 without a body, where a missing route or page would have one."""
        path = f"{self._site.plugin.namespace}/surveys/{number}"
        answer = self._site.look(path)
        if answer.status == 200:
            return self._site.parsed(Survey, answer.json, f"survey {number}")
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        if answer.status == 404 and answer.json is None and is_json:
            return None
        raise self._site.failure(answer)

    def page(self, survey: str, number: int, size: int, status: str = "") -> Listing:
        params = {"page": str(number), "per_page": str(size)}
        answer = self._site.ask(f"surveys/{survey}/responses", params | ({"filter[status]": status} if status else {}))
        return self._site.parsed(Listing, answer.json, f"responses of survey {survey}")

    def down(self, survey: str, *, size: int = LARGE, until: int = 0, status: str = "") -> Iterator[Listing]:
        """Pages from the newest response down to the id `until`, or to the end. Some may come twice.

        While it is read new responses push others down a page. Only where some went may others have slipped past: then
        the total shrank, and the list is begun again. Raises Unreachable when it will not hold still.
        """
        for _ in range(ATTEMPTS):
            seen: set[str] = set()
            first = last = 0
            for number in count(1):
                page = self.page(survey, number, size, status)
                if page.pagination.total < last:
                    break
                last = page.pagination.total
                first = first if number > 1 else last
                seen.update(each.id for each in page.items)
                yield page
                if any(int(each.id) <= until for each in page.items):
                    return
                if number * size >= last:
                    if len(seen) == first:
                        return
                    break
        remedy = "run again when fewer responses are being deleted; what was read was kept"
        raise Unreachable(f"the responses of survey {survey} kept changing", place=self._site.place, remedy=remedy)
