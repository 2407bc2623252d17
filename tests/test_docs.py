"""What the papers say is what the program does. `python -m tests.test_docs` writes the help into the docs anew."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from higherself_sync import errors, services
from higherself_sync.cli import EXIT_CODES, app
from higherself_sync.config import load
from higherself_sync.core.record import ENTITIES, Entity
from higherself_sync.sections import OWN_COLUMNS, SECTIONS, Section, StreamSettings
from higherself_sync.services.typeform.settings import Roles
from tests.papers import NEEDED, TITLES, with_tables

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------------------- the commands

MARK = re.compile(r"(<!-- help: hsn ?(\w*) -->)\n(?:```\n.*?\n```\n)?", re.DOTALL)


def help_of(command: str) -> str:
    arguments = [command, "--help"] if command else ["--help"]
    shown = CliRunner().invoke(app, arguments, prog_name="hsn", env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    assert shown.exit_code == 0, shown.output
    return "\n".join(line.rstrip() for line in shown.output.strip().splitlines())


def with_help(page: str) -> str:
    """The page with the help of each command below its mark."""
    return MARK.sub(lambda found: f"{found[1]}\n```\n{help_of(found[2])}\n```\n", page)


def test_the_help_in_the_docs_is_the_help() -> None:
    page = text("docs/commands.md")
    assert page == with_help(page), "run: python -m tests.test_docs"


def test_every_command_is_documented_and_has_a_line_of_help() -> None:
    overview, page = help_of(""), text("docs/commands.md")
    names = [command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands]
    assert len(names) >= 10
    for name in names:
        assert re.search(rf"^  {name} +\w", overview, re.MULTILINE), f"{name} has no help"
        assert f"<!-- help: hsn {name} -->" in page
    assert "..." not in overview.partition("Commands:")[2], "a line of help is too long"


# ----------------------------------------------------------------------------------------------------- the exit codes


def tabled(page: str) -> dict[int, str]:
    return {int(code): meaning for code, meaning in re.findall(r"^\| (\d) \| (.+?) \|$", page, re.MULTILINE)}


def every_error() -> list[type[errors.HsnError]]:
    found, todo = [], [errors.HsnError]
    while todo:
        found.append(todo.pop())
        todo += found[-1].__subclasses__()
    return found


def test_the_tables_of_exit_codes_agree_with_the_errors() -> None:
    readme, commands = tabled(text("README.md")), tabled(text("docs/commands.md"))
    assert readme == commands
    assert set(readme) == {0, *(error.exit_code for error in every_error())}
    assert {int(code) for code in re.findall(r"^  (\d)  ", EXIT_CODES, re.MULTILINE)} == set(readme)


# -------------------------------------------------------------------------------------------------------- the config


def test_the_example_config_loads_without_error() -> None:
    loaded = load(ROOT / "config.example.toml", {})
    assert {service.kind for service in loaded.services.values()} == set(services.KINDS)


def test_the_example_config_shows_every_key() -> None:
    """Live, or as a comment where a value would mean something."""
    example = text("config.example.toml")
    table = tomllib.loads(example)
    for section, model in SECTIONS.items():
        missing = {key for key in model.model_fields if key not in table[section]}
        assert not {key for key in missing if f"# {key} = " not in example}, section
    stream = table["services"]["shop"]["streams"]["customers"]
    assert set(stream) == set(StreamSettings.model_fields)
    for service in table["services"].values():
        settings = services.load(service["kind"]).Settings
        assert set(service) == {*settings.model_fields, "conflict", "streams"}
    (roles,) = table["services"]["forms"]["fields"].values()
    assert set(roles) == set(Roles.model_fields)


def test_the_example_config_shows_the_defaults() -> None:
    table = tomllib.loads(text("config.example.toml"))
    for section, model in SECTIONS.items():
        if section not in ("notion", "state", "log"):
            assert model.model_validate(table[section]) == model(), section


def rows(heading: str) -> dict[str, str]:
    """The keys and defaults of the first table below a heading of docs/configuration.md."""
    section = text("docs/configuration.md").partition(f"\n{heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.+?) \| ", section, re.MULTILINE))


DOCUMENTED: list[tuple[str, type[Section]]] = [
    *((f"## `[{name}]`", model) for name, model in SECTIONS.items()),
    ("## `[services.NAME.streams.STREAM]`", StreamSettings),
]


@pytest.mark.parametrize(("heading", "model"), DOCUMENTED)
def test_every_key_is_documented_with_its_default(heading: str, model: type[Section]) -> None:
    documented = rows(heading)
    assert set(documented) == set(model.model_fields)
    written = {key: tomllib.loads(f"x = {found[1]}")["x"] for key, raw in documented.items()
               if (found := re.fullmatch(r"`(.+)`", raw))}  # fmt: skip
    needed: dict[str, Any] = {"token": "env:X"} if "token" in documented else {}
    plain = model.model_validate(needed)
    for key, value in written.items():
        if key != "token":
            assert getattr(model.model_validate({**needed, key: value}), key) == getattr(plain, key), key


@pytest.mark.parametrize("kind", services.KINDS)
def test_every_key_of_a_service_is_documented(kind: str) -> None:
    model = services.load(kind).Settings
    assert set(rows(f'### `kind = "{kind}"`')) | {"kind"} == set(model.model_fields)


@pytest.mark.parametrize("entity", list(Entity))
def test_every_column_is_documented(entity: Entity) -> None:
    page = text("docs/configuration.md")
    row = next(line for line in page.splitlines() if line.startswith(f"| `{entity.value}` |"))
    assert re.findall(r"`(\w+)`", row)[1:] == [field.name for field in ENTITIES[entity]]
    own = next(line for line in page.splitlines() if line.startswith("| each of them |"))
    assert tuple(re.findall(r"`(\w+)`", own)) == OWN_COLUMNS


# -------------------------------------------------------------------------------------------- what services can do


@pytest.mark.parametrize("page", ["docs/for-staff.md", "docs/services/index.md"])
def test_what_each_service_can_do_is_what_it_declares(page: str) -> None:
    assert "<!-- table: " in text(page)
    assert text(page) == with_tables(text(page)), "run: python -m tests.test_docs"


def test_every_kind_is_in_the_tables_and_has_a_page() -> None:
    assert sorted(TITLES) == sorted(NEEDED) == sorted(services.KINDS)
    for kind in services.KINDS:
        assert (DOCS / "services" / f"{kind}.md").exists()
        assert f"({kind}.md)" in text("docs/services/index.md")


# ------------------------------------------------------------------------------------------------------------- links


PAGES = [path.relative_to(ROOT).as_posix() for path in DOCS.rglob("*.md")]


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *PAGES])
def test_every_link_to_a_file_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", text(page)):
        assert target.startswith("https://") or (ROOT / page).parent.joinpath(target).exists(), target


def test_ci_runs_the_very_command_of_the_readme() -> None:
    command = re.search(r"<!-- tests -->\n```sh\n(.+)\n```", text("README.md"))
    assert command is not None
    assert command[1].startswith(".venv/bin/python -m pytest")
    assert "<!-- tests -->" in text(".ci/run"), "it takes the command from the README"


if __name__ == "__main__":
    for path in (DOCS / "commands.md", DOCS / "for-staff.md", DOCS / "services" / "index.md"):
        path.write_text(with_tables(with_help(path.read_text(encoding="utf-8"))), encoding="utf-8")
