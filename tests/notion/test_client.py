"""Which of Notion's requests may be sent again, and what a change that was saved without an answer is read back by."""

import httpx
import pytest

from higherself_sync.notion.client import committed, repeatable

URL = "https://notion.test/prefix/v1/"
PAGE = "38c9ce7b-60a4-8101-8000-000000000001"


@pytest.mark.parametrize(
    ("method", "path", "may_be"),
    [
        ("GET", f"pages/{PAGE}", True),
        ("POST", f"data_sources/{PAGE}/query", True),
        ("POST", "search", True),
        ("PATCH", f"pages/{PAGE}", True),
        ("POST", "pages", False),
        ("POST", "databases", False),
        ("POST", "data_sources", False),
        ("PATCH", f"data_sources/{PAGE}", False),  # a two-way relation added twice makes two columns in its target
        ("PATCH", f"blocks/{PAGE}/children", False),
    ],
)
def test_what_may_be_sent_again(method: str, path: str, may_be: bool) -> None:
    assert repeatable(httpx.Request(method, URL + path)) is may_be


def saved(details: object) -> httpx.Response:
    return httpx.Response(503, json={"code": "service_unavailable", "additional_data": details})


@pytest.mark.parametrize("kind", ["pages", "databases"])
def test_a_saved_create_is_read_back_with_the_same_credentials(kind: str) -> None:
    headers = {"authorization": "Bearer ntn", "notion-version": "2026-03-11"}
    follow = committed(
        httpx.Request("POST", URL + kind, headers=headers, json={"parent": {}}), saved({"committed_resource_id": PAGE})
    )
    assert follow is not None
    assert (follow.method, str(follow.url)) == ("GET", f"{URL}{kind}/{PAGE}")
    assert headers.items() <= dict(follow.headers).items()
    assert not any(name.startswith("content-") for name in follow.headers)


@pytest.mark.parametrize(
    ("method", "path", "response"),
    [
        ("POST", "pages", saved({"retry_guidance": []})),
        ("POST", "pages", saved(None)),
        ("POST", "pages", httpx.Response(503, html="<html></html>")),
        ("POST", f"data_sources/{PAGE}/query", saved({"committed_resource_id": PAGE})),
        ("PATCH", f"pages/{PAGE}", saved({"committed_resource_id": PAGE})),
    ],
)
def test_nothing_else_is_read_back(method: str, path: str, response: httpx.Response) -> None:
    assert committed(httpx.Request(method, URL + path), response) is None
