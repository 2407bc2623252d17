"""What the plugin keeps: surveys and responses. Records are values; a change puts a new dict in the old one's place.

A record is the object as the API shows it, in its key order, without what is counted while showing it and with its
URLs relative to the site. Deleting a survey deletes its responses, as the database's foreign key has it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from higherself_sync.sandbox.wordpress import highest, off_site

Record = dict[str, Any]

SURVEY: Mapping[str, Any] = {
    "id": "", "title": None, "status": "draft", "type": None, "questions": [], "impressions": "0", "settings": None,
    "notifications": None, "publish_at": None, "created_at": None,
}  # fmt: skip
RESPONSE: Mapping[str, Any] = {
    "id": "", "survey_id": "", "answers": [], "page_submitted": None, "user_ip": None, "user_browser": None,
    "user_os": None, "user_device": None, "status": "publish", "submitted_at": None,
}  # fmt: skip
TABLES = {"surveys": SURVEY, "responses": RESPONSE}


class Store:
    def __init__(self) -> None:
        self.surveys: dict[int, Record] = {}
        self.responses: dict[int, Record] = {}
        self.last_ids = dict.fromkeys(TABLES, 0)

    def table(self, name: str) -> dict[int, Record]:
        """Raises KeyError for what is no stream."""
        return {"surveys": self.surveys, "responses": self.responses}[name]

    def insert(self, name: str, values: Mapping[str, Any]) -> Record:
        return self.put(name, {**values, "id": str(self.last_ids[name] + 1)})

    def put(self, name: str, values: Mapping[str, Any]) -> Record:
        """Only the columns that the table has are kept; the ids become strings."""
        record = {column: values.get(column, default) for column, default in TABLES[name].items()}
        record |= {key: str(record[key]) for key in ("id", "survey_id") if key in record}
        if page := record.get("page_submitted"):
            record["page_submitted"] = page | {"url": off_site(page["url"]) if page.get("url") else None}
        number = int(record["id"])
        self.table(name)[number] = record
        self.last_ids[name] = highest([number], self.last_ids[name])
        return record

    def of_survey(self, survey_id: str) -> list[Record]:
        """Its responses in the order of their ids, those in the trash too."""
        return [response for _, response in sorted(self.responses.items()) if response["survey_id"] == survey_id]

    def set_status(self, responses: Iterable[int], status: str) -> int:
        """How many were changed by that, which is what the database says."""
        changed = [number for number in responses if self.responses[number]["status"] != status]
        for number in changed:
            self.responses[number] = self.responses[number] | {"status": status}
        return len(changed)

    def remove(self, name: str, number: int) -> None:
        removed = self.table(name).pop(number)
        if name == "surveys":
            for response in self.of_survey(removed["id"]):
                del self.responses[int(response["id"])]

    def clear(self) -> None:
        """Without records; the next id is above all that were ever given."""
        self.surveys.clear()
        self.responses.clear()

    def snapshot(self) -> Any:
        return dict(self.surveys), dict(self.responses), dict(self.last_ids)

    def restore(self, snapshot: Any) -> None:
        self.surveys, self.responses, self.last_ids = (dict(part) for part in snapshot)
