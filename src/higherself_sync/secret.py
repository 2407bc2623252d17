"""Secrets: named in the config, looked up only when a request needs them, and never shown.

A reference is `env:NAME` (a variable), `file:PATH` (relative to the config's folder), `cmd:COMMAND` (run without a
shell) or, with none of these prefixes, the secret itself. Of a file or a command the first line counts, as password
managers print it.
"""

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from higherself_sync.errors import ConfigError

HIDDEN = "•••"
SHORTEST_HIDDEN = 4  # shorter texts occur by chance, and hiding them would make every log line unreadable
COMMAND_SECONDS = 60  # a password manager may have to ask a person first

_revealed: set[str] = set()


@dataclass(frozen=True, slots=True)
class Origin:
    """What a reference is resolved against: the environment, the config's folder, and the place to name in errors."""

    place: str = ""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path = Path()


@dataclass(frozen=True, slots=True)
class Secret:
    """A reference to a secret. `repr` and `str` show neither the secret nor the reference."""

    reference: str = field(repr=False)
    origin: Origin = field(default=Origin(), repr=False, compare=False)

    def __str__(self) -> str:
        return HIDDEN

    @property
    def literal(self) -> bool:
        """The secret itself stands in the config, so the config's file mode matters."""
        return self._scheme() == ""

    def reveal(self, environ: Mapping[str, str] | None = None) -> str:
        """The secret; from then on `redact` hides it. Raises ConfigError with the place, never with a value."""
        scheme, rest = self._scheme(), self.reference.partition(":")[2]
        match scheme:
            case "env":
                value = self._from_environment(rest, self.origin.environ if environ is None else environ)
            case "file":
                value = self._from_file(rest)
            case "cmd":
                value = self._from_command(rest)
            case _:
                value = self.reference
        if not value:
            raise self._error(f"the {_SOURCES[scheme]} is empty", "put the key there, or name another source")
        strange = next((n for n, each in enumerate(value, 1) if not " " <= each <= "~"), None)
        if strange is not None:  # no header could carry it
            remedy = "copy the key anew: keys are made of plain letters, digits and signs"
            raise self._error(f"character {strange} of the {_SOURCES[scheme]} is none that a key has", remedy)
        _revealed.add(value)
        return value

    def _scheme(self) -> str:
        scheme, colon, _ = self.reference.partition(":")
        return scheme if colon and scheme in ("env", "file", "cmd") else ""

    def _from_environment(self, name: str, environ: Mapping[str, str]) -> str:
        if name not in environ:
            raise self._error(
                f"the environment variable {name} is not set",
                f"set {name}, or name another source; cron passes none of your shell's variables, env_file does",
            )
        return environ[name].strip()

    def _from_file(self, name: str) -> str:
        path = self.origin.folder / Path(name).expanduser()
        try:
            return _first_line(path.read_text(encoding="utf-8-sig"))  # Windows Notepad begins with a byte order mark
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise self._error(f"cannot read {path}: {reason}", "correct the path, or let your user read it") from error

    def _from_command(self, command: str) -> str:
        remedy = "run the command by hand, as the user that runs hsn"
        try:
            done = subprocess.run(  # noqa: S603 the command is the config owner's own
                shlex.split(command),
                capture_output=True,
                text=True,
                timeout=COMMAND_SECONDS,
                check=True,
                cwd=self.origin.folder if self.origin.folder.is_dir() else None,  # `init` may come before the folder
            )
        except subprocess.CalledProcessError as error:
            raise self._error(f"the command ended with exit code {error.returncode}", remedy) from None
        except subprocess.TimeoutExpired:
            raise self._error(f"the command gave no answer in {COMMAND_SECONDS} seconds", remedy) from None
        except (OSError, ValueError, IndexError) as error:
            raise self._error(f"the command cannot be run ({type(error).__name__})", remedy) from None
        return _first_line(done.stdout)

    def _error(self, message: str, remedy: str) -> ConfigError:
        return ConfigError(message, place=self.origin.place, remedy=remedy)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            cls._parse, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def _parse(cls, raw: object, info: ValidationInfo) -> "Secret":
        if isinstance(raw, Secret):
            return raw
        if not isinstance(raw, str) or not raw.strip():
            raise ValueError('must be text: "env:NAME", "file:PATH", "cmd:COMMAND" or the key itself')
        origin = info.context if isinstance(info.context, Origin) else Origin()
        place = f"{origin.place} {info.field_name or ''}".strip()
        return cls(raw.strip(), Origin(place, origin.environ, origin.folder))


_SOURCES = {"env": "environment variable", "file": "file", "cmd": "answer of the command", "": "key"}


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()


def redact(text: str) -> str:
    """`text` with every secret revealed so far in this process hidden: the last door before a log line or a screen."""
    for secret in sorted(_revealed, key=len, reverse=True):
        if len(secret) >= SHORTEST_HIDDEN:
            text = text.replace(secret, HIDDEN)
    return text
