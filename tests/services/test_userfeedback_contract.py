"""The service contract on UserFeedback's twin."""

import pytest

from higherself_sync.sandbox.userfeedback import UserFeedbackTwin
from tests.contract.service_contract import Bench, Case, ServiceContract
from tests.services.sites import Site, opened

QUESTIONS = [
    {"id": "q1", "type": "nps", "title": "Would you come again?", "settings": {"required": True}},
    {"id": "q2", "type": "long-text", "title": "What can we improve?"},
    {"id": "q3", "type": "email", "title": "Your e-mail"},
]


def site() -> Site:
    """Two surveys with responses, some of them of people who left an address, and one in the trash; and a draft."""
    made = Site(UserFeedbackTwin())
    for title, status in (("Retreat", "publish"), ("Gallery", "publish"), ("Later", "draft")):
        made.add("surveys", title=title, questions=QUESTIONS, status=status)
    for n in range(7):
        answers = [{"question_id": "q1", "value": n}, {"question_id": "q2", "value": f"More tea, {n} times"}]
        email = [{"question_id": "q3", "value": f"guest{n % 3}@example.com"}] if n % 2 else []
        made.add("responses", survey_id=str(1 + n % 2), answers=answers + email)
        made.wait(60)
    made.change("responses", "3", status="trash")
    return made


class TestUserFeedback(ServiceContract):
    cases = (Case("responses", unknown="1-999999"),)

    @pytest.fixture(params=["1.2.0", "1.8.0"])
    def bench(self, request: pytest.FixtureRequest) -> Bench:
        made = site()
        made.twin.knobs({"release": request.param})

        def held(stream: str) -> set[str]:
            responses = made.twin.dump()[stream]
            return {f"{each['survey_id']}-{each['id']}" for each in responses if each["status"] != "trash"}

        def arrive(stream: str) -> str:
            added = made.add(stream, survey_id="1", answers=[{"question_id": "q1", "value": 10}])
            return f"1-{added['id']}"

        return Bench(opened("userfeedback", made), held, made.wait, made.writes, arrive)
