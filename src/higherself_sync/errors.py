"""The tree of errors, and the exit code of each.

    HsnError                1  (never raised itself)
    ├── UsageError          2  what was typed
    ├── ConfigError         4  config keys, databases at set-up, schema, state, a changed account
    ├── Locked              7  another run holds the lock
    ├── Unsafe              6  deletions refused
    ├── Unreachable         5  this side cannot be talked to: the run goes on without it
    │   └── Unauthorised    5  401 or 403
    └── RecordError         3  one record could not be written: set aside, the run goes on
        ├── Refused            the other side said no; nothing was written
        ├── Unanswered         it may have been written: read back before anything is sent again
        └── Absent             it is not there any more

An error that ends a run or a stream says where (`place`) and what to do next (`remedy`). None ever holds a secret.
"""

from higherself_sync.core.record import Gone


class Remade(Exception):
    """Columns of a database were deleted and made anew: no error, but the run begins again, and reads them whole."""


class HsnError(Exception):
    """`message` says what happened, `place` where (a file, a config key, a service), `remedy` what to do next.

    `seen`: what happened without the request it happened to, where every other would have met the same.
    """

    exit_code = 1
    code = "bug"
    seen = ""

    def __init__(self, message: str, *, place: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message, self.place, self.remedy = message, place, remedy

    def told(self) -> str:
        """Place and message, as a person reads them; many a message begins with the place already."""
        prefix = f"{self.place}: " if self.place else ""
        return self.message if self.message.startswith(prefix) else prefix + self.message

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "place": self.place, "remedy": self.remedy}


class UsageError(HsnError):
    exit_code, code = 2, "usage"


class ConfigError(HsnError):
    exit_code, code = 4, "config"


class Locked(HsnError):
    exit_code, code = 7, "locked"


class Unsafe(HsnError):
    exit_code, code = 6, "unsafe"


class Unreachable(HsnError):
    exit_code, code = 5, "unreachable"

    def __init__(self, message: str, *, place: str = "", remedy: str = "", seen: str = "") -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.seen = seen


class Unauthorised(Unreachable):
    code = "unauthorised"


class RecordError(HsnError):
    exit_code, code = 3, "record"


class Refused(RecordError):
    """`reason` in the other side's own words, shortened; `status` its HTTP status where there was one."""

    code = "refused"

    def __init__(self, message: str, *, status: int | None = None, place: str = "", remedy: str = "") -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.status = status


class Unanswered(RecordError):
    code = "unanswered"


class Absent(RecordError):
    code = "absent"

    def __init__(self, gone: Gone, message: str, *, place: str = "", remedy: str = "") -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.gone = gone
