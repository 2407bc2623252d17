"""The service contract on Tutor LMS's twin."""

import pytest

from higherself_sync.core.record import Gone
from higherself_sync.sandbox.tutorlm import TutorLMTwin
from tests.contract.service_contract import Bench, Case, ServiceContract
from tests.services.sites import Site, opened

TITLES = (("Zen & tea", ""), ("Breathing Basics", "99.90"), ("Kundalini – “Größe” 日本", "45"), ("Later", ""))


def site() -> Site:
    """Four courses, the last of them a draft; reviews of two, one of which is not approved; enrolments, for Pro."""
    made = Site(TutorLMTwin())
    courses = []
    for title, price in TITLES:
        status = "draft" if title == "Later" else "publish"
        courses.append(made.add("courses", post_title=title, price=price, post_status=status)["ID"])
        made.wait(60)
    for n, course in enumerate((*courses[:2], *courses[:2], courses[0])):
        words = f"Lovely & calm, {n} times"
        made.add("reviews", comment_post_ID=course, comment_author=f"s{n}", rating=1 + n, comment_content=words)
        made.wait(60)
    made.change("reviews", "4", comment_status="hold")
    for user in ("2", "3"):
        made.add("enrollments", user_id=user, course_id=str(courses[0]))
    return made


class TestTutorLM(ServiceContract):
    cases = (
        Case("courses"),
        Case("enrolments", unknown_is=Gone.HIDDEN),
        Case("reviews", unknown="1-999999", siblings=True),
    )

    @pytest.fixture(params=["4.0.2", "2.7.6"])
    def bench(self, request: pytest.FixtureRequest) -> Bench:
        made = site()
        made.twin.knobs({"version": request.param, "edition": "pro", "page_size": 2})

        def held(stream: str) -> set[str]:
            twin = made.twin.dump()
            match stream:
                case "courses":
                    return {str(each["ID"]) for each in twin["courses"] if each["post_status"] == "publish"}
                case "reviews":
                    shown = [each for each in twin["reviews"] if each["comment_status"] == "approved"]
                    return {f"{each['comment_post_ID']}-{each['comment_ID']}" for each in shown}
                case _:
                    return {str(each["enrollment_id"]) for each in twin["enrollments"]}

        def arrive(stream: str) -> str:
            if stream == "courses":
                return str(made.add("courses", post_title="Sound bath", price="15.00")["ID"])
            number = made.add("reviews", comment_post_ID=1, comment_author="new", rating=5)["comment_ID"]
            return f"1-{number}"

        return Bench(opened("tutorlm", made), held, made.wait, made.writes, arrive)
