"""How e-mail addresses were written, by their key: Acuity's filters compare letter by letter."""

from threading import Lock

from higherself_sync.services.acuity.wire import Person


class Spellings:
    """Those seen in this process. A list can be asked for by one of them only."""

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = {}
        self._lock = Lock()

    def note(self, person: Person) -> None:
        key = person.key()
        if key is not None:
            with self._lock:
                self._seen.setdefault(key, {key}).add(person.email.strip())

    def of(self, key: str) -> list[str]:
        with self._lock:
            return sorted(self._seen.get(key, {key}))
