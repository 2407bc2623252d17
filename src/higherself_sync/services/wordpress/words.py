"""Text as people typed it, where WordPress has changed it while saving."""

import html

from higherself_sync.core.record import text

LONGEST_TITLE = 80


def typed(raw: str) -> str:
    """What `sanitize_text_field` left of an answer, with a `<` that was no tag put back.

    It takes tags out, and writes what follows a lone `<` with entities; before one, `&amp;` is the visitor's own.
    """
    head, mark, tail = raw.partition("&lt;")
    return head + html.unescape(mark + tail)


def headline(raw: str | None) -> str | None:
    """The first 80 characters, in one line: the title of a row of Feedback."""
    return text(" ".join((raw or "").split())[:LONGEST_TITLE].rstrip())
