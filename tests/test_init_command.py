"""`hsn init` as a person types it, against a running sandbox."""

import stat
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from higherself_sync.config import load, read_table
from higherself_sync.core.record import Entity
from higherself_sync.sandbox.notion import NotionTwin
from tests.sandboxed import HSN, Ground, sandbox


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with sandbox(tmp_path_factory.mktemp("init"), "--records", "3") as ground:
        yield ground


@pytest.fixture
def config(ground: Ground, tmp_path: Path) -> Path:
    """A config that names the sandbox's Notion, and no database."""
    path = tmp_path / "mine.toml"
    path.write_text(f'# my own words\n[notion]\nbase_url = "{ground.url}/notion"\n[sync]\nquiet = "5m"\n')
    return path


def init(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = [str(HSN), "--config", str(config), "init", *arguments]
    return subprocess.run(
        words, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env={"HOME": str(config.parent)}
    )


def test_it_adopts_what_is_there_and_keeps_the_former_config(ground: Ground, config: Path) -> None:
    former = config.read_text()
    done = init(config, "--page", NotionTwin.ROOT_PAGE, "--token", "ntn_sandbox", "--yes")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert read_table(config)["notion"]["databases"] == read_table(ground.config)["notion"]["databases"]
    assert load(config, {}).sync.quiet == 300, "what else it says stays"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert config.with_name("mine.toml.bak").read_text() == former


def test_it_makes_the_databases_under_a_page_that_is_empty(ground: Ground, config: Path) -> None:
    parent = {"type": "page_id", "page_id": NotionTwin.ROOT_PAGE}
    title = {"title": {"title": [{"text": {"content": "Another branch"}}]}}
    page = ground.control("POST", "notion/pages", {"parent": parent, "properties": title})["id"]
    assert (
        init(config, "--page", f"https://www.notion.so/{page.replace('-', '')}", "--token", "ntn_sandbox").returncode
        == 0
    )
    first = tomllib.loads(config.read_text())["notion"]["databases"]
    assert set(first) == {entity.value for entity in Entity}
    assert not set(first.values()) & set(read_table(ground.config)["notion"]["databases"].values())
    (again := config.with_name("again.toml")).write_text(config.read_text().partition("[notion.databases]")[0])
    assert init(again, "--page", page, "--token", "ntn_sandbox").returncode == 0
    assert read_table(again)["notion"]["databases"] == first, "a second time it finds them"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "--page URL"),
        (("--page", "nonsense", "--token", "ntn_sandbox"), 4, "--page"),
        (("--page", "0123456789ab4def8123456789abcdef", "--token", "ntn_sandbox"), 4, "Connections"),
        (("--page", NotionTwin.ROOT_PAGE), 4, "NOTION_API_TOKEN is not set"),
        (("--page", NotionTwin.ROOT_PAGE, "--token", "ntn_wrong"), 5, "[notion] token"),
        (("--page", NotionTwin.ROOT_PAGE, "--token", "file:not-there"), 4, "not-there"),
    ],
)
def test_what_goes_wrong_is_told_and_leaves_the_config_alone(
    config: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    former = config.read_text()
    done = init(config, *arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "what to do: " in done.stderr
    assert config.read_text() == former


def test_it_writes_a_first_config_where_there_is_none(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a sandbox the address has to be told, which only a config can: so this one calls what `init` calls."""
    from higherself_sync import setup
    from higherself_sync.parts import open_hub

    path = tmp_path / "new" / "config.toml"
    here = load(ground.config, {})
    monkeypatch.setattr(setup, "open_hub", lambda _config, cache: open_hub(here, cache))
    setup.initialise(path, NotionTwin.ROOT_PAGE, token="env:MY_TOKEN", environ={"MY_TOKEN": "x"})
    table = read_table(path)
    assert table["notion"]["token"] == "env:MY_TOKEN"
    assert set(table["notion"]["databases"]) == {entity.value for entity in Entity}
    assert not path.with_name("config.toml.bak").exists()
