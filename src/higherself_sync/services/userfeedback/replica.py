"""The responses to all surveys of a site, as `record.Replica` wants them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from higherself_sync.core.record import Batch, Gone, Record
from higherself_sync.services.userfeedback.columns import Context, record_of
from higherself_sync.services.userfeedback.listing import LARGE, SMALL, Lists
from higherself_sync.services.userfeedback.wire import Listing, Question, Survey
from higherself_sync.services.wordpress.identity import check_identity
from higherself_sync.services.wordpress.readonly import ReadOnly
from higherself_sync.services.wordpress.seen import Seen
from higherself_sync.services.wordpress.site import Site


class Reached(TypedDict):
    """How far a survey was read: its highest id, and what was then said of how many responses there are."""

    highest: int
    count: int | None
    trash: int


class Responses(ReadOnly):
    def __init__(self, site: Site) -> None:
        super().__init__(site.plugin.title, site.place)
        self._site, self._lists = site, Lists(site)
        self._seen: Seen[Reached] = Seen(site.cache, f"{site.name}:responses")

    # reading

    def read(self, since: datetime | None) -> Iterator[Batch]:
        """Of what changed: new responses of surveys that may have some, and what lies in the trash if that changed."""
        self._site.zone()
        surveys, start = self._lists.surveys()
        self._check_identity(surveys)
        if since is None:
            surveys += self._lists.surveys("trash")[0]
        before, reached = self._seen.before(since), dict[str, Reached]()
        yield Batch((), start)  # there may be no response, and the moment is to be known
        for survey in surveys:
            former = before.get(survey.id)
            if _cannot_have_changed(survey, former):
                if former:
                    reached[survey.id] = Reached(**{**former, "count": survey.responses_count})
                continue
            reached[survey.id] = Reached(
                highest=former["highest"] if former else 0, count=survey.responses_count, trash=0
            )
            for records in self._new(survey, former, reached[survey.id]):
                yield Batch(records, start)
        changed = [each for each, at in before.items() if at["trash"] != reached.get(each, at)["trash"]]
        for page in self._trash(changed):
            yield Batch(tuple(Record(each.record_id, {}, trashed=True) for each in page.trashed()), start)
        self._seen.keep(start, reached)

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Gone]:
        """By their surveys' lists, read down to the lowest of them."""
        found: dict[str, Record | Gone] = dict.fromkeys(ids, Gone.HIDDEN)  # what is no id of this site stays so
        if surveys := _by_survey(ids):
            self._site.zone()
        for number, responses in surveys.items():
            wanted = {f"{number}-{each}" for each in responses}
            survey = self._lists.survey(number)
            if survey is None:  # its responses went with it
                found |= dict.fromkeys(wanted, Gone.DELETED)
                continue
            alive, filled = self._alive(survey, min(responses))
            missing = wanted - alive.keys()
            found |= {each: alive[each] for each in wanted - missing}
            found |= self._missing(number, missing, proved=filled)
        return found

    def covers(self, record: Record) -> bool:  # noqa: ARG002 a complete read has every survey, in the trash or not
        return True

    def server_time(self) -> datetime:
        return self._site.api.door.server_time()

    # parts of the above

    def _new(self, survey: Survey, former: Reached | None, reached: Reached) -> Iterator[tuple[Record, ...]]:
        """Those above the highest id of the last read; `reached` is told how far this one gets."""
        context, known = self._context(survey), former["highest"] if former else 0
        for page in self._lists.down(survey.id, size=_size(survey, former), until=known):
            new = [each for each in page.of(survey) if int(each.id) > known]
            reached["highest"] = max([reached["highest"], *(int(each.id) for each in new)])
            reached["trash"] = page.counted("trash")
            yield tuple(record_of(each, context) for each in new)

    def _alive(self, survey: Survey, lowest: int) -> tuple[dict[str, Record], bool]:
        """What its list holds down to that id, and whether the site counts anything at all."""
        context, found, filled = self._context(survey), dict[str, Record](), False
        for page in self._lists.down(survey.id, until=lowest - 1):
            found |= {each.record_id: record_of(each, context) for each in page.of(survey)}
            filled = filled or bool(page.items) or any(each.count for each in page.status_filters)
        return found, filled

    def _missing(self, survey: str, ids: set[str], *, proved: bool) -> dict[str, Record | Gone]:
        """`proved`: the list that leaves them out is no empty one, which an error in the database would be, too."""
        thrown = {each.record_id for page in self._trash([survey]) for each in page.trashed()} if ids else set()
        gone = Gone.DELETED if proved else Gone.HIDDEN
        return {each: Gone.TRASHED if each in thrown else gone for each in ids}

    def _trash(self, surveys: Iterable[str]) -> Iterator[Listing]:
        """What lies in the trash of these surveys; once a list has shown another's, it was that of the whole site."""
        for survey in surveys:
            of_the_site = False
            for page in self._lists.down(survey, status="trash"):
                of_the_site = of_the_site or any(each.survey_id != survey for each in page.items)
                yield page
            if of_the_site:
                return

    def _context(self, survey: Survey) -> Context:
        """With the questions that the survey once had: what was answered keeps what was asked."""
        key = f"{self._site.name}:questions"
        remembered: dict[str, dict[str, list[str]]] = json.loads(self._site.cache.get(key, "{}"))
        now = {each.id: [each.type, each.title] for each in survey.questions}
        every = now | {each: asked for each, asked in remembered.get(survey.id, {}).items() if each not in now}
        if every != remembered.get(survey.id):
            self._site.cache[key] = json.dumps({**remembered, survey.id: every}, ensure_ascii=False)
        questions = {each: Question(id=each, type=kind, title=title) for each, (kind, title) in every.items()}
        return Context(self._site.name, self._site.zone(), survey.title, questions)

    def _check_identity(self, surveys: Iterable[Survey]) -> None:
        made = {each.id: each.created_at for each in surveys if each.created_at}
        key, url = f"{self._site.name}:surveys", self._site.url
        check_identity(made, self._site.cache, key, what="surveys", url=url, place=self._site.place)


def _cannot_have_changed(survey: Survey, former: Reached | None) -> bool:
    """One without responses has none, and a closed one gets none."""
    counted = survey.responses_count is not None
    same = former is not None and former["count"] == survey.responses_count
    return survey.responses_count == 0 or (survey.closed and counted and same)


def _size(survey: Survey, former: Reached | None) -> int:
    """A page that holds what is new, as far as that can be told."""
    if former is None or survey.responses_count is None or former["count"] is None:
        return LARGE
    return SMALL if survey.responses_count - former["count"] < SMALL else LARGE


def _by_survey(ids: Iterable[str]) -> dict[str, list[int]]:
    """The numbers of responses by those of their surveys; what is no id of this kind is left out."""
    found: dict[str, list[int]] = {}
    for each in dict.fromkeys(ids):
        if re.fullmatch(r"[1-9][0-9]*-[1-9][0-9]*", each):
            survey, response = each.split("-")
            found.setdefault(survey, []).append(int(response))
    return found
