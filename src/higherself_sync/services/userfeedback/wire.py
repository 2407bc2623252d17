"""What the site sends, as far as it is used: lenient in, strict out. Nothing about the visitor's machine is."""

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from higherself_sync.services.wordpress.clock import LocalTime
from higherself_sync.services.wordpress.site import Wire

Text: TypeAlias = Annotated[str, BeforeValidator(lambda raw: "" if raw is None else raw)]
Id: TypeAlias = Annotated[str, Field(pattern=r"^[1-9][0-9]*$")]  # text on the wire


class Question(Wire):
    id: str
    type: Text = ""
    title: Text = ""


class Survey(Wire):
    """`questions` is null in a survey that was only begun. `responses_count` holds what is in the trash, too."""

    id: Id
    title: Text = ""
    status: Text = ""
    questions: Annotated[tuple[Question, ...], BeforeValidator(lambda raw: raw or ())] = ()
    created_at: Text = ""
    responses_count: int | None = None

    @property
    def closed(self) -> bool:
        """Whether no visitor can answer it now."""
        return self.status not in ("", "publish")


class Given(Wire):
    """One answer. `extra`: what was typed beside a choice, by a name of the plugin's."""

    question_id: str
    value: Any = None
    extra: Any = None


class Response(Wire):
    id: Id
    survey_id: Id
    answers: Annotated[tuple[Given, ...], BeforeValidator(lambda raw: raw or ())] = ()
    status: Text = ""
    submitted_at: LocalTime = ""

    @property
    def record_id(self) -> str:
        return f"{self.survey_id}-{self.id}"


class Pagination(Wire):
    total: int


class Count(Wire):
    status: Text = ""
    count: int = 0


class Listing(Wire):
    items: tuple[Response, ...]
    pagination: Pagination
    status_filters: tuple[Count, ...] = ()

    def of(self, survey: Survey) -> list[Response]:
        """Those to that survey: a list may be one of the whole site."""
        return [each for each in self.items if each.survey_id == survey.id]

    def trashed(self) -> list[Response]:
        """Those that lie in the trash: a list may be one that no filter was applied to."""
        return [each for each in self.items if each.status == "trash"]

    def counted(self, status: str) -> int:
        return sum(each.count for each in self.status_filters if each.status == status)
