"""Chapters about the other services: bookings, answers, surveys and courses, and one person in all of them."""

from datetime import datetime, timedelta
from typing import Any

from higherself_sync.demo.telling import Telling, shown

KIM = {"first": "Kim", "last": "Berg", "email": "kim.berg@example.com", "phone": "+49 30 5550199"}


def one_person(telling: Telling) -> None:
    """One person buys, books twice, answers a form and a survey: one row.

    Kim Berg buys as a guest, books at Acuity and at Amelia, answers a form of Typeform and a survey of UserFeedback.
    """
    names = {"first_name": KIM["first"], "last_name": KIM["last"]}
    product = telling.some_product()["id"]
    telling.outside(
        "woocommerce",
        "orders",
        {"billing": {**names, "email": KIM["email"], "phone": KIM["phone"]}, "line_items": [{"product_id": product}]},
    )
    _book_at_acuity(telling)
    _book_at_amelia(telling)
    contact = {"contact_first_name": KIM["first"], "contact_last_name": KIM["last"], "contact_email": KIM["email"]}
    answers = {"rating": 5, "comment": "I came back as somebody else.", "contact": contact}
    telling.outside("typeform", "responses", {"form_id": "RetreatF", "answers": answers})
    said = {"q1": 9, "q2": "Empathy for Teams", "q3": "More breaks", "q4": KIM["email"].upper()}
    given = [{"question_id": number, "value": value} for number, value in said.items()]
    telling.outside("userfeedback", "responses", {"survey_id": "1", "answers": given})
    telling.sync()
    found = [page for page in telling.pages().values() if _mail(page) == KIM["email"]]
    telling.claim(len(found) == 1, f"there is {len(found)} row with Kim's address")
    for page in found:
        columns = ("Orders", "Appointments", "Feedback")
        counts = {column: len(page["properties"][column]["relation"]) for column in columns}
        telling.claim(counts == {"Orders": 1, "Appointments": 2, "Feedback": 2}, f"related to it: {counts}")
        telling.claim(len(shown(page, "Source")) == 5, f"Source: {', '.join(sorted(shown(page, 'Source')))}")


def acuity(telling: Telling) -> None:
    """A session at Acuity is moved, and gets a note, in Notion; it is canceled at Acuity."""
    appointment = telling.held("acuity", "appointments")[-1]
    line = f"desk:appointments:{appointment['id']}"
    start = telling.rows()[line]["properties"]["When"]["date"]["start"]
    later = _moved(start)
    notes = {"rich_text": [{"text": {"content": "Brings her own tea"}}]}
    telling.edit_row(telling.rows()[line]["id"], {"When": {"date": {"start": later}}, "Notes": notes})
    telling.sync()
    moved = next(each for each in telling.held("acuity", "appointments") if each["id"] == appointment["id"])
    telling.claim(moved["datetime"] != appointment["datetime"], f"Acuity has it at {moved['datetime']}")
    telling.claim("Brings her own tea" in moved["notes"], "and the note with it")
    telling.later()
    telling.stage.control("PATCH", f"acuity/appointments/{appointment['id']}", {"canceled": True})
    telling.sync()
    status = shown(telling.rows()[line], "Status")
    telling.claim(status == "canceled", f"canceled at Acuity, it is {status} in Notion")


def amelia(telling: Telling) -> None:
    """A booking at Amelia gets a status in Notion, and a note from staff at Amelia."""
    appointment = _newest(telling)
    line = f"booking:appointments:{appointment['bookings'][0]['id']}"
    telling.edit_row(telling.rows()[line]["id"], {"Status": {"select": {"name": "no-show"}}})
    telling.sync()
    after = next(each for each in telling.held("amelia", "appointments") if each["id"] == appointment["id"])
    telling.claim(after["bookings"][0]["status"] == "no-show", f"Amelia says {after['bookings'][0]['status']}")
    telling.later()
    written = {"internalNotes": "Called, will come in May"}
    telling.stage.control("PATCH", f"amelia/appointments/{appointment['id']}", written)
    telling.sync()
    notes = shown(telling.rows()[line], "Notes")
    telling.claim(notes == written["internalNotes"], f"Notion's note: {notes}")


def feedback(telling: Telling) -> None:
    """A course is reviewed, and what was said of a form is there to read.

    Answers, surveys and reviews are read-only: what Notion adds to them stays in Notion.
    """
    course = next(each for each in telling.held("tutorlm", "courses") if each["post_status"] == "publish")
    review = telling.outside(
        "tutorlm",
        "reviews",
        {"comment_post_ID": course["ID"], "comment_author": "kim", "rating": "4", "comment_content": "Slow and good."},
    )
    telling.sync()
    row = telling.rows().get(f"school:reviews:{course['ID']}-{review['comment_ID']}")
    telling.claim(row is not None, f"the review of {course['post_title']} is a row")
    if row is not None:
        rating, related = shown(row, "Rating"), row["properties"]["Product"]["relation"]
        telling.claim((rating, len(related)) == (4, 1), f"Rating {rating}, related to its course")
    answers = [page for line, page in telling.rows().items() if line.startswith("forms:responses:")]
    mine = [page for page in answers if "somebody else" in shown(page, "Content")]
    telling.claim(len(mine) == 1, "Kim's answer can be read: " + (shown(mine[0], "Feedback") if mine else "not found"))


def a_number_everywhere(telling: Telling) -> None:
    """A telephone number that changes at Acuity reaches the shop, through Notion.

    A customer of the shop books at Acuity, and has a new number there.
    """
    customer = next(each for each in telling.shop("customers") if each["billing"]["phone"])
    who = {"firstName": customer["first_name"], "lastName": customer["last_name"] or "Berg", "email": customer["email"]}
    telling.outside("acuity", "appointments", {**who, "phone": "+4930555014"})
    telling.sync()
    telling.later()
    booked = telling.held("acuity", "appointments")[-1]
    telling.stage.control("PATCH", f"acuity/appointments/{booked['id']}", {"phone": "+49305550777"})
    telling.sync()
    phone = next(each for each in telling.shop("customers") if each["id"] == customer["id"])["billing"]["phone"]
    telling.claim(phone == "+49305550777", f"the shop has {phone}")
    telling.later()
    telling.sync()
    log = telling.stage.control("GET", "requests")["requests"]
    writes = [each for each in log if each["method"] != "GET" and not each["path"].endswith(("/query", "/search"))]
    telling.claim(not writes, f"and the run after that writes {len(writes)} times")


def _book_at_acuity(telling: Telling) -> None:
    person = {"firstName": KIM["first"], "lastName": KIM["last"], "email": KIM["email"], "phone": KIM["phone"]}
    telling.outside("acuity", "appointments", person)


def _book_at_amelia(telling: Telling) -> None:
    customer = {"firstName": KIM["first"], "lastName": KIM["last"], "email": KIM["email"], "phone": KIM["phone"]}
    telling.outside("amelia", "appointments", {"customer": customer})


def _newest(telling: Telling) -> dict[str, Any]:
    return max(telling.held("amelia", "appointments"), key=lambda each: int(each["id"]))


def _mail(page: dict[str, Any]) -> str:
    return str(page["properties"].get("Email", {}).get("email") or "").lower()


def _moved(start: str) -> str:
    return (datetime.fromisoformat(start) + timedelta(hours=2)).isoformat()


SERVICES = (one_person, acuity, amelia, feedback, a_number_everywhere)
