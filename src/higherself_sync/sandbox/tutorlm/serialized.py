"""PHP's own notation for values, which Tutor keeps the settings of questions in."""

from dataclasses import dataclass
from typing import Any


def read(text: str) -> Any:
    """The value, or the text itself where it is no such notation, as WordPress's `maybe_unserialize` has it."""
    scanner = _Scanner(text.encode())
    try:
        value = scanner.value()
    except (IndexError, ValueError):
        return text
    return value if scanner.at == len(scanner.data) else text


@dataclass
class _Scanner:
    data: bytes
    at: int = 0

    def value(self) -> Any:
        """Raises ValueError for what is no value."""
        kind = self._until(b":" if self.data[self.at : self.at + 2] != b"N;" else b";")
        match kind:
            case "N":
                return None
            case "b":
                return self._until(b";") == "1"
            case "i":
                return int(self._until(b";"))
            case "d":
                return float(self._until(b";"))
            case "s":
                return self._text()
            case "a":
                return self._array()
            case _:
                raise ValueError(kind)

    def _until(self, mark: bytes) -> str:
        end = self.data.index(mark, self.at)
        taken, self.at = self.data[self.at : end].decode(), end + 1
        return taken

    def _text(self) -> str:
        """`s:4:"text";`, its length in bytes."""
        start = self.at + len(str(size := int(self._until(b":")))) + 2
        self.at = start + size + 2
        if self.data[start - 1 : start] != b'"' or self.data[start + size : self.at] != b'";':
            raise ValueError("a text of another length")
        return self.data[start : start + size].decode()

    def _array(self) -> Any:
        """`a:1:{i:0;i:5;}`; one whose keys count from 0 is a list, and so is an empty one."""
        size = int(self._until(b":"))
        self._until(b"{")
        pairs = [(self.value(), self.value()) for _ in range(size)]
        self._until(b"}")
        if [key for key, _ in pairs] == list(range(size)):
            return [value for _, value in pairs]
        return {str(key): value for key, value in pairs}
