"""The configuration: TOML and the environment, read once into frozen values. Nothing else reads the environment.

`load` reports every problem of a file at once, each with its place and a remedy, and shows no value: a misspelt key
may well hold a token. Secrets stay references (`secret.py`) until a request needs them.
"""

import difflib
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import platformdirs
import tomli_w
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from higherself_sync import services as registry
from higherself_sync.core.record import Entity, Stream, fields_of
from higherself_sync.errors import ConfigError
from higherself_sync.secret import Origin, Secret
from higherself_sync.sections import (
    APP,
    OWN_COLUMNS,
    Enrich,
    Http,
    Log,
    Notion,
    Policy,
    State,
    StreamSettings,
    Sync,
)
from higherself_sync.services.base import SameSite

SERVICE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")
Model = TypeVar("Model", bound=BaseModel)


class InvalidConfig(ConfigError):
    """Everything that is wrong with a config, at once."""

    def __init__(self, problems: tuple[ConfigError, ...]) -> None:
        each = [f"{problem.place}: {problem.message}" for problem in problems]
        remedies = dict.fromkeys(problem.remedy for problem in problems if problem.remedy)
        super().__init__(f"{len(problems)} problems: {'; '.join(each)}", place="config", remedy="; ".join(remedies))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """One `[services.NAME]`. `settings` is the adapter's own model; `streams` has every stream that it declares."""

    name: str
    kind: str
    settings: BaseModel
    conflict: Policy
    streams: Mapping[str, StreamSettings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """`path` is where the file is, or would be where the environment alone is the set-up (`found` is then False)."""

    path: Path
    found: bool
    notion: Notion
    services: Mapping[str, ServiceConfig]
    sync: Sync
    http: Http
    enrich: Enrich
    state: State
    log: Log
    environ: Mapping[str, str] = field(repr=False)

    def stream(self, service: str, stream: str) -> StreamSettings:
        """Raises KeyError for a service or stream that does not exist."""
        return self.services[service].streams[stream]

    def declared(self, service: str) -> tuple[Stream, ...]:
        """The streams of a service as its adapter declares them."""
        found = self.services[service]
        streams: tuple[Stream, ...] = registry.load(found.kind).streams(service, found.settings)
        return streams

    def secrets(self) -> Iterator[Secret]:
        """Every secret named anywhere, unrevealed."""
        yield self.notion.token
        for service in self.services.values():
            yield from (value for _, value in service.settings if isinstance(value, Secret))


# ------------------------------------------------------------------------------------------------------------ reading

# What makes a service where no entry of its kind exists: KIND_KEY in capitals (INTERFACE section 4).
ENVIRONMENT_SERVICES: Mapping[str, tuple[str, ...]] = {
    "typeform": ("token",),
    "woocommerce": ("url", "consumer_key", "consumer_secret"),
    "acuity": ("user_id", "api_key"),
    "amelia": ("url", "api_key"),
    "userfeedback": ("url", "user", "application_password"),
    "tutorlm": ("url", "api_key", "api_secret"),
}


def locate(path: Path | None, environ: Mapping[str, str]) -> tuple[Path, bool]:
    """Where the config is, and whether somebody named that place (then it must be there)."""
    if path is not None:
        return path.expanduser().absolute(), True
    if environ.get("HSN_CONFIG"):
        return Path(environ["HSN_CONFIG"]).expanduser().absolute(), True
    return platformdirs.user_config_path(APP) / "config.toml", False


def place(path: Path | None = None) -> Path:
    """Where `load(path)` looks, whether or not anything is there."""
    return locate(path, os.environ)[0]


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """The config at `path`, else at HSN_CONFIG, else in the platform's folder, else from the environment alone.

    Raises ConfigError for a file that cannot be read, InvalidConfig with every problem of one that can.
    """
    environ = os.environ if environ is None else environ
    path, named = locate(path, environ)
    found = named or path.exists()
    return _Reading(path, found, environ).config(read_table(path) if found else {})


def understood(table: dict[str, Any], path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """What the config at `path` would mean if this stood in it. Raises like `load`."""
    return _Reading(path.absolute(), True, os.environ if environ is None else environ).config(table)


def read_table(path: Path) -> dict[str, Any]:
    """The bare TOML. Raises ConfigError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows Notepad begins with a byte order mark
    except FileNotFoundError:
        remedy = "write one with `hsn init`, or name another with --config or HSN_CONFIG"
        raise ConfigError("there is no such file", place=str(path), remedy=remedy) from None
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", place=str(path), remedy="let your user read it"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text", place=str(path), remedy="save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        remedy = "correct it there; strings need quotes, tables stand in [brackets]"
        raise ConfigError(f"is not TOML: {error}", place=str(path), remedy=remedy) from None


class _Reading:
    """One reading of one config: the problems found so far, and what places are called."""

    def __init__(self, path: Path, found: bool, environ: Mapping[str, str]) -> None:
        self.path, self.found, self.environ = path, found, environ
        self.problems: list[ConfigError] = []
        self.variables: dict[str, str] = {}  # place in the file -> the variable that the value came from instead

    def config(self, table: dict[str, Any]) -> Config:
        known = ("env_file", "notion", "services", "sync", "http", "enrich", "state", "log")
        self.unknown("", table, known, "unknown key")
        if "env_file" in table:
            self.environ = {**self._env_file(table["env_file"]), **self.environ}
        part = {key: self.table("", key, table.get(key, {})) for key in known[1:]}
        notion, sync = self._notion(part["notion"]), self.section(Sync, part["sync"], "sync")
        http, enrich = self.section(Http, part["http"], "http"), self.section(Enrich, part["enrich"], "enrich")
        state, log = self.section(State, part["state"], "state"), self.section(Log, part["log"], "log")
        services = self._services(part["services"], sync or Sync())
        if not (notion and sync and http and enrich and state and log) or self.problems:
            raise self.problems[0] if len(self.problems) == 1 else InvalidConfig(tuple(self.problems))
        return Config(
            path=self.path,
            found=self.found,
            notion=notion,
            services=services,
            sync=sync,
            http=http,
            enrich=enrich,
            state=state,
            log=log,
            environ=self.environ,
        )

    def place(self, table: str, key: str = "") -> str:
        """`hsn.toml [notion] token`, or the name of the variable that the value came from."""
        inside = f"[{table}] {key}".strip() if table else key
        return self.variables.get(inside) or (f"{self.path} {inside}" if self.found else inside)

    def problem(self, table: str, key: str, message: str, remedy: str) -> None:
        place = self.place(table, key)
        if all(problem.place != place for problem in self.problems):  # the first reason says enough
            self.problems.append(ConfigError(message, place=place, remedy=remedy))

    def unknown(self, table: str, keys: Iterable[str], known: Collection[str], message: str) -> None:
        for key in keys:
            if key not in known:
                self.problem(table, key, message, suggestion(key, known))

    def table(self, parent: str, key: str, raw: object) -> dict[str, Any]:
        """The value of a key that must be a table; anything else is noted, and read as an empty one."""
        if isinstance(raw, dict):
            return raw
        self.problem(parent, key, "must be a table", f"write it as [{'.'.join(filter(None, (parent, key)))}]")
        return {}

    def section(
        self, model: type[Model], table: Mapping[str, Any], name: str, known: Iterable[str] = ()
    ) -> Model | None:
        """The table as a model, or None with its problems noted. `known`: keys that are right, but read elsewhere."""
        origin = Origin(self.place(name), self.environ, self.path.parent)
        try:
            return model.model_validate(table, context=origin)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False):
                self._explain(detail, name, [*model.model_fields, *known])
            return None

    def _explain(self, detail: ErrorDetails, name: str, known: list[str]) -> None:
        *tables, key = (str(part) for part in detail["loc"]) if detail["loc"] else ("",)
        unknown = detail["type"] == "extra_forbidden"
        if key == "[key]":  # pydantic's way to say that the last part is a key which does not belong there
            key, unknown, known = tables.pop(), True, [entity.value for entity in Entity]
        table = ".".join(part for part in (name, *tables) if part)
        if unknown:
            self.problem(table, key, "unknown key", suggestion(key, known))
        elif detail["type"] == "missing":
            self.problem(table, key, "missing", "add it: docs/configuration.md tells what it is")
        else:
            message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
            self.problem(table, key, message, "correct it: docs/configuration.md tells what it may be")

    def _notion(self, written: Mapping[str, Any]) -> Notion | None:
        table = {"token": "env:NOTION_API_TOKEN", **written}
        databases = dict(self.table("notion", "databases", table.get("databases", {})))
        for entity in Entity:
            variable = f"NOTION_{entity.value.upper()}_DATABASE_ID"
            if entity.value not in databases and self.environ.get(variable):
                databases[entity.value] = self.environ[variable]
                self.variables[f"[notion.databases] {entity.value}"] = variable
        table["databases"] = databases
        notion = self.section(Notion, table, "notion")
        for entity, columns in (notion.properties if notion else {}).items():
            known = (*fields_of(entity), *OWN_COLUMNS)
            self.unknown(f"notion.properties.{entity.value}", columns, known, "unknown key")
        self._each_its_own(notion.databases if notion else {})
        return notion

    def _each_its_own(self, databases: Mapping[Entity, str]) -> None:
        """A database for two entities would be given the columns of both, and hold two kinds of rows."""
        owners: dict[str, Entity] = {}
        for entity, database in databases.items():
            owner = owners.setdefault(database, entity)
            if owner is not entity:
                remedy = "copy the link of the right database from Notion"
                self.problem("notion.databases", entity.value, f"is the same database as {owner.value}", remedy)

    def _services(self, raw: Mapping[str, object], sync: Sync) -> dict[str, ServiceConfig]:
        written = {name: self.table("services", name, table) for name, table in raw.items()}
        tables = {**self._services_of_the_environment(written), **written}
        found = ((name, self._service(name, table, sync)) for name, table in tables.items())
        services = {name: service for name, service in found if service is not None}
        for name, key, kind in _neighbours(services):
            self._same_site(name, key, kind, services, tables)
        return services

    def _same_site(
        self, name: str, key: str, kind: str, services: Mapping[str, ServiceConfig], tables: Collection[str]
    ) -> None:
        """Whether the service that is named there is one of that kind, at the same host; `www.` makes no other."""
        place, named = f"services.{name}", dict(services[name].settings)[key]
        if named is None or (named in tables and named not in services):  # what is wrong with that one is told of it
            return
        of_kind = [each for each, service in services.items() if service.kind == kind]
        if named not in of_kind:
            remedy = f"leave it out, or correct it: {suggestion(named, of_kind)}"
            self.problem(place, key, f"must name a {kind} service of this config", remedy)
        elif _host(services[named]) != _host(services[name]):
            message = f"names a {kind} service of another site: the two addresses differ"
            self.problem(place, key, message, "name the one of this very site, or leave it out")

    def _services_of_the_environment(self, written: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        tables = {}
        for kind, keys in ENVIRONMENT_SERVICES.items():
            variables = {key: f"{kind}_{key}".upper() for key in keys}
            taken = any(table.get("kind") == kind for table in written.values()) or kind in written
            if taken or kind not in registry.KINDS or not any(self.environ.get(name) for name in variables.values()):
                continue
            fields = registry.load(kind).Settings.model_fields
            tables[kind] = {"kind": kind} | {
                key: f"env:{name}" if fields[key].annotation is Secret else self.environ.get(name, "")
                for key, name in variables.items()
            }
            self.variables |= {f"[services.{kind}] {key}": name for key, name in variables.items()}
        return tables

    def _service(self, name: str, table: dict[str, Any], sync: Sync) -> ServiceConfig | None:
        place, kind = f"services.{name}", table.get("kind")
        if not SERVICE_NAME.fullmatch(name) or name == "notion":
            remedy = "a name has up to 31 of a-z, 0-9, _ and -, begins with a letter, and is not `notion`"
            self.problem(place, "", "is no name for a service", remedy)
            return None
        if not isinstance(kind, str) or kind not in registry.KINDS:
            self.problem(place, "kind", "must be a known kind", suggestion(str(kind or ""), registry.KINDS))
            return None
        adapter = registry.load(kind)
        own = {key: value for key, value in table.items() if key not in ("conflict", "streams")}
        settings = self.section(adapter.Settings, own, place, known=("conflict", "streams"))
        policy = self.section(Sync, {"conflict": table.get("conflict", sync.conflict)}, place)
        if settings is None or policy is None:
            return None
        written = self.table(place, "streams", table.get("streams", {}))
        streams = self._streams(f"{place}.streams", written, adapter.streams(name, settings), policy.conflict)
        return ServiceConfig(name, kind, settings, policy.conflict, streams)

    def _streams(
        self, place: str, written: Mapping[str, object], declared: Iterable[Stream], conflict: Policy
    ) -> dict[str, StreamSettings]:
        known = {stream.name: stream for stream in declared}
        self.unknown(place, written, known, "there is no such stream")
        found = {
            name: self._stream(f"{place}.{name}", self.table(place, name, written.get(name, {})), stream, conflict)
            for name, stream in known.items()
        }
        return {name: settings for name, settings in found.items() if settings is not None}

    def _stream(
        self, place: str, written: Mapping[str, Any], stream: Stream, conflict: Policy
    ) -> StreamSettings | None:
        defaults = {"conflict": conflict, "create": stream.create and not stream.create_mails}
        settings = self.section(StreamSettings, {**defaults, **written}, place)
        if settings and settings.create and not stream.create:
            self.problem(place, "create", "nothing can be created in this stream", "leave it out")
        if settings and settings.on_notion_delete == "archive" and not stream.archive:
            self.problem(place, "on_notion_delete", "nothing can be archived in this stream", 'write "keep"')
        return settings

    def _env_file(self, raw: object) -> dict[str, str]:
        """`NAME=VALUE` lines, as a shell or docker would take them: `export`, quotes and # comments are allowed."""
        try:
            lines = Path(self.path.parent, Path(str(raw)).expanduser()).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, ValueError):
            self.problem(
                "", "env_file", "the file it names cannot be read", "correct the path, or let your user read it"
            )
            return {}
        found = (re.fullmatch(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*", line) for line in lines)
        return {each[1]: _unquoted(each[2]) for each in found if each}


def _unquoted(raw: str) -> str:
    if len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "'\"":
        return raw[1:-1]
    return re.split(r"\s#", raw, maxsplit=1)[0].rstrip()


def _neighbours(services: Mapping[str, ServiceConfig]) -> Iterator[tuple[str, str, str]]:
    """Service, key and kind of every setting that names another service of the same site."""
    for name, service in services.items():
        for key, declared in type(service.settings).model_fields.items():
            yield from ((name, key, rule.kind) for rule in declared.metadata if isinstance(rule, SameSite))


def _host(service: ServiceConfig) -> str:
    return str(urlsplit(dict(service.settings)["url"]).hostname).removeprefix("www.")


def suggestion(name: str, known: Iterable[str]) -> str:
    """What to type instead of a name that does not exist."""
    names = {each.casefold(): each for each in sorted(known)}
    near = difflib.get_close_matches(name.casefold(), names, n=1)
    return f"did you mean `{names[near[0]]}`?" if near else f"known here: {', '.join(names.values()) or 'none'}"


# ------------------------------------------------------------------------------------------------------------ writing


def write(path: Path, table: Mapping[str, Any], *, keep: bool = True) -> None:
    """Write the config whole or not at all, readable by its owner alone; `keep`: what was there becomes `PATH.bak`.

    Raises ConfigError where the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if keep and path.exists():
            shutil.copy2(path, path.with_name(path.name + ".bak"))
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=path.name, delete=False) as file:
            tomli_w.dump(table, file)  # a temporary file has mode 0600 from its first byte
        Path(file.name).replace(path)
    except OSError as error:
        remedy = "name a place that your user may write with --config"
        raise ConfigError(f"cannot be written: {error.strerror}", place=str(path), remedy=remedy) from error
