"""What the site sends, as far as it is used: lenient in, strict out. Nothing about authors is."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from higherself_sync.services.wordpress.clock import LocalTime, instant
from higherself_sync.services.wordpress.site import Wire

Text: TypeAlias = Annotated[str, BeforeValidator(lambda raw: "" if raw is None else raw)]
Id: TypeAlias = Annotated[str, Field(pattern=r"^[1-9][0-9]*$")]  # a number or text on the wire, by the kind of thing


class Envelope(Wire):
    """`data` is an object or a list that is not empty where it succeeded, and an empty list where it did not."""

    code: Text = ""
    data: Any = None


class Ratings(Wire):
    rating_count: int = 0
    rating_sum: Text = ""

    @property
    def mark(self) -> str:
        """What changes when a review is added, deleted, or given other stars."""
        return f"{self.rating_count} {self.rating_sum}"


class Course(Wire):
    id: Id = Field(alias="ID")
    title: Text = Field(alias="post_title")
    status: Text = Field(alias="post_status")
    price: Text = ""
    post_date_gmt: LocalTime = ""
    post_modified_gmt: LocalTime = ""
    ratings: Ratings | None = None

    @property
    def created(self) -> datetime | None:
        return instant(self.post_date_gmt, UTC)

    @property
    def modified(self) -> datetime | None:
        return instant(self.post_modified_gmt, UTC)


class CoursePage(Wire):
    posts: tuple[Course, ...] = ()
    total_course: int = 0
    total_page: int = 0


class Review(Wire):
    """`comment_date_gmt` comes from 4.0 on."""

    id: Id = Field(alias="comment_ID")
    course: Id = Field(alias="comment_post_ID")
    user: Text = Field(default="", alias="user_id")
    rating: Text = ""
    content: Text = Field(default="", alias="comment_content")
    status: Text = Field(default="", alias="comment_status")
    comment_date: LocalTime = ""
    comment_date_gmt: LocalTime = ""

    @property
    def record_id(self) -> str:
        return f"{self.course}-{self.id}"

    @property
    def approved(self) -> bool:
        """The key's own user is also shown reviews of theirs that are not. *Read.*"""
        return self.status in ("", "approved", "1")


class ReviewPage(Wire):
    rating_count: int = 0
    reviews: tuple[Review, ...] = ()


class Enrolment(Wire):
    """The documented names, and no other: what Pro sends was never seen."""

    id: Id = Field(alias="enrollment_id")
    user: Id = Field(alias="user_id")
    course: Id = Field(alias="course_id")
    status: Text = ""
