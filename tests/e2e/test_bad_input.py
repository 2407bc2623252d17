"""What bad input gets (issue 2): one message that names place and remedy, the exit code of its kind, nothing written,
nothing shown that is secret; and once the cause is mended, a run that doubles and loses nothing."""

import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from higherself_sync.sandbox.notion import NotionTwin
from tests.e2e.bad_input_stage import ALL, Trial
from tests.sandboxed import HSN, Ground, sandbox

# Notion takes the latter for no UUID at all: it looks into the version digits.
NOBODYS = ("f0e1d2c3-b4a5-4697-8877-665544332211", "01234567-89ab-cdef-0123-456789abcdef")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with sandbox(tmp_path_factory.mktemp("bad-input"), "--records", "8") as ground:
        yield ground


@pytest.fixture
def trial(ground: Ground, tmp_path: Path) -> Iterator[Trial]:
    ground.control("DELETE", "faults")
    ground.control("POST", "reset")
    config = tmp_path / "hsn.toml"
    config.write_text(ground.config.read_text())
    config.chmod(0o600)
    yield Trial(ground, config)
    ground.control("DELETE", "faults")


@pytest.fixture
def synced(trial: Trial) -> Trial:
    """One that has run before."""
    trial.mends()
    return trial


# ------------------------------------------------------------------------------------------------------- databases


@pytest.mark.parametrize("nobodys", NOBODYS)
def test_a_database_that_is_not_there(trial: Trial, nobodys: str) -> None:
    right = trial.database("products")
    trial.change(right, nobodys)
    trial.refused(4, "[notion.databases] products", nobodys, "Connections")
    trial.change(nobodys, right)
    trial.mends()


def test_a_database_that_is_not_shared_at_set_up(trial: Trial) -> None:
    trial.share("products", shared=False)
    trial.refused(4, "[notion.databases] products", "Connections")
    trial.share("products", shared=True)
    trial.mends()


@pytest.mark.parametrize("entity", ["products", "clients", "orders"])
def test_a_database_that_is_no_longer_shared(synced: Trial, entity: str) -> None:
    """Relations to its rows read as empty now, which is no change of theirs."""
    synced.ground.control("POST", "clock", {"advance": 600})
    synced.share(entity, shared=False)
    synced.refused(5, "Connections")
    synced.refused(5, "Connections", command=(*ALL, "--full"))
    synced.share(entity, shared=True)
    before = synced.held()
    synced.mends()
    assert synced.held() == before


def test_an_edit_made_while_a_database_was_not_shared_arrives(synced: Trial) -> None:
    synced.share("products", shared=False)
    synced.ground.control("POST", "clock", {"advance": 600})
    product = synced.held()["woocommerce"]["products"][0]
    synced.ground.control("PATCH", f"woocommerce/products/{product['id']}", {"regular_price": "71.5"})
    synced.refused(5)
    synced.ground.control("POST", "clock", {"advance": 600})
    synced.share("products", shared=True)
    synced.mends()
    [row] = synced.rows("products")
    assert row["properties"]["Price"]["number"] == 71.5


def test_a_database_with_several_data_sources(trial: Trial) -> None:
    database, right = trial.database("products"), trial.source("products")["id"]
    parent = {"type": "database_id", "database_id": database}
    other = trial.person("POST", "data_sources", {"parent": parent, "properties": {"Name": {"title": {}}}})["id"]
    trial.refused(4, "[notion.databases] products", right, other)
    trial.change(f'products = "{database}"', f'products = "{right}"')
    done = trial.hsn(*ALL)
    assert (done.returncode, done.stderr) == (0, "")


# --------------------------------------------------------------------------------------------------------- columns


TEXT: dict[str, Any] = {"rich_text": {}}
# The columns' changes that break, those that mend, and what is said.
COLUMN: list[tuple[list[dict[str, Any]], list[dict[str, Any]], str]] = [
    ([{"SKU": None}], [{"SKU": TEXT}], '"SKU" is missing'),
    (
        [{"SKU": None}, {"SKU": {"number": {}}}],
        [{"SKU": None}, {"SKU": TEXT}],
        '"SKU" is number, and has to be rich_text',
    ),
    ([{"External ID": None}], [{"External ID": TEXT}], '"External ID" is missing'),
]


@pytest.mark.parametrize(("breaks", "mends", "message"), COLUMN)
def test_a_column_that_does_not_fit_at_set_up(trial: Trial, breaks: list[Any], mends: list[Any], message: str) -> None:
    trial.columns("products", *breaks)
    trial.refused(4, "[notion.databases] products", message, "[notion.properties.products]")
    trial.columns("products", *mends)
    trial.mends()


@pytest.mark.parametrize(("breaks", "mends", "message"), COLUMN)
def test_a_column_that_no_longer_fits(synced: Trial, breaks: list[Any], mends: list[Any], message: str) -> None:
    """A column that was made anew is empty, and that is nobody's edit: what the shop has fills it again."""
    before = synced.held()["woocommerce"]
    rows = {row["id"]: row["properties"]["SKU"]["rich_text"] for row in synced.rows("products")}
    synced.ground.control("POST", "clock", {"advance": 600})
    synced.columns("products", *breaks)
    for command in (ALL, (*ALL, "--full")):
        synced.refused(4, message.partition(" is ")[0], command=command)
    synced.columns("products", *mends)
    synced.mends()
    synced.mends("--full")
    assert [_values(each) for each in synced.held()["woocommerce"]["products"]] == [
        _values(each) for each in before["products"]
    ]
    assert {row["id"]: row["properties"]["SKU"]["rich_text"] for row in synced.rows("products")} == rows


def _values(product: dict[str, Any]) -> list[Any]:
    return [product[name] for name in ("id", "name", "sku", "regular_price", "status")]


@pytest.mark.parametrize("options", [("--full",), ()])
def test_a_column_that_was_made_anew_before_anybody_noticed(synced: Trial, options: tuple[str, ...]) -> None:
    """It is met in the middle of a run, which begins again: an empty column is nobody's edit."""
    before = synced.held()["woocommerce"]
    rows = {row["id"]: row["properties"]["SKU"]["rich_text"] for row in synced.rows("products")}
    synced.ground.control("POST", "clock", {"advance": 600})
    synced.columns("products", {"SKU": None}, {"SKU": TEXT})
    [row] = synced.rows("products")
    synced.person("PATCH", f"pages/{row['id']}", {"properties": {"Price": {"number": 72}}})
    synced.mends(*options)
    shop = synced.held()["woocommerce"]
    assert [each["sku"] for each in shop["products"]] == [each["sku"] for each in before["products"]]
    assert shop["products"][0]["regular_price"] == "72"
    assert {row["id"]: row["properties"]["SKU"]["rich_text"] for row in synced.rows("products")} == rows


def test_init_adds_what_is_missing_and_no_column_that_was_renamed(synced: Trial) -> None:
    synced.columns("products", {"Price": {"name": "Preis"}, "SKU": None})
    synced.ground.control("POST", "clock", {"advance": 600})
    said = synced.refused(4, '"SKU"', command=(*ALL, "--full"))
    said = synced.refused(4, '"SKU" is missing', "`hsn init --page PAGE`")
    assert "Price" not in said
    done = synced.hsn("init", "--page", NotionTwin.ROOT_PAGE, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Price" not in synced.source("products")["properties"]
    synced.mends()
    [row] = synced.rows("products")
    synced.person("PATCH", f"pages/{row['id']}", {"properties": {"Preis": {"number": 72}}})
    synced.mends()
    assert synced.held()["woocommerce"]["products"][0]["regular_price"] == "72"


def test_init_makes_no_second_external_id_when_the_state_is_lost(synced: Trial) -> None:
    synced.columns("products", {"External ID": {"name": "Do not touch"}})
    synced.state.unlink()
    synced.refused(4, '"External ID" is missing')
    synced.refused(
        4, '"Do not touch" holds what it held', "external_id", json_too=False,
        command=("init", "--page", NotionTwin.ROOT_PAGE, "--yes"),
    )  # fmt: skip
    synced.config.write_text(
        synced.config.read_text() + '\n[notion.properties.products]\nexternal_id = "Do not touch"\n'
    )
    synced.ground.control("POST", "clock", {"advance": 600})
    before = len(synced.rows("products"))
    assert synced.hsn(*ALL).returncode == 0
    assert len(synced.rows("products")) == before


def test_one_database_for_two_entities(trial: Trial) -> None:
    products, clients = trial.database("products"), trial.database("clients")
    trial.change(products, clients)
    trial.refused(4, "[notion.databases] products", "the same database as clients")
    trial.change(f'products = "{clients}"', f'products = "{products}"')
    trial.mends()


def test_a_renamed_column_goes_on_working(synced: Trial) -> None:
    before = synced.held()
    synced.columns("products", {"Price": {"name": "Preis (€)"}, "External ID": {"name": "Do not touch"}})
    synced.ground.control("POST", "clock", {"advance": 600})
    [row] = synced.rows("products")
    product = synced.held()["woocommerce"]["products"][0]
    synced.person("PATCH", f"pages/{row['id']}", {"properties": {"Preis (€)": {"number": 72}}})
    for options in ((), ("--full",)):
        done = synced.hsn(*ALL, *options)
        assert (done.returncode, done.stderr) == (0, "")
    after = synced.held()
    assert after["woocommerce"]["products"][0]["regular_price"] == "72"
    assert after["woocommerce"]["products"][0]["id"] == product["id"]
    assert len(after["notion"]["pages"]) == len(before["notion"]["pages"])


def test_a_column_of_another_name_is_told_in_the_config(trial: Trial) -> None:
    trial.columns("products", {"SKU": {"name": "Artikelnummer"}})
    trial.refused(4, '"SKU" is missing', "[notion.properties.products] sku")
    trial.config.write_text(trial.config.read_text() + '\n[notion.properties.products]\nsku = "Artikelnummer"\n')
    trial.mends()


def test_a_renamed_option_is_no_change(synced: Trial) -> None:
    column = synced.source("orders")["properties"]["Status"]
    options = column["select"]["options"]
    renamed = [{"id": each["id"], "name": f"{each['name']} ✓"} for each in options]
    assert renamed
    synced.columns("orders", {"Status": {"select": {"options": renamed}}})
    synced.ground.control("POST", "clock", {"advance": 600})
    before = synced.held()
    synced.mends()
    synced.mends("--full")
    assert synced.held() == before


# ----------------------------------------------------------------------------------------------------- credentials


CREDENTIALS = [
    pytest.param([("ntn_sandbox", "ntn_wrong_0451")], ["[notion] token"], id="wrong token"),
    pytest.param([("ntn_sandbox", "ntn_sandbox_readonly")], ["[notion] token", "read-only"], id="read-only token"),
    pytest.param([("ck_sandbox", "ck_wrong_0451")], ["services.shop", "consumer_key"], id="wrong key"),
    pytest.param([("cs_sandbox", "cs_wrong_0451")], ["services.shop", "consumer_secret"], id="wrong secret"),
]


@pytest.mark.parametrize(("changes", "words"), CREDENTIALS)
def test_credentials_that_are_refused(trial: Trial, changes: list[tuple[str, str]], words: list[str]) -> None:
    for right, wrong in changes:
        trial.change(f'"{right}"', f'"{wrong}"')
    trial.refused(5, *words)
    for right, wrong in changes:
        trial.change(f'"{wrong}"', f'"{right}"')
    trial.mends()


def test_what_went_wrong_is_told_though_the_report_cannot_be_written(trial: Trial) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    trial.change("cs_sandbox", "cs_wrong_0451")
    with Path("/dev/full").open("w") as full:
        words = [str(HSN), "--config", str(trial.config), *ALL, "--json"]
        done = subprocess.run(
            words, stdout=full, stderr=subprocess.PIPE, text=True, env={"HOME": str(trial.config.parent)}
        )
    told = [line for line in done.stderr.splitlines() if line.startswith("hsn: ")]
    assert done.returncode == 4
    assert len(told) == 2, done.stderr
    assert "consumer_secret" in done.stderr
    assert told[-1] == "hsn: stdout: cannot be written to: No space left on device"


def test_a_read_only_key_of_the_shop_writes_nothing_there(trial: Trial) -> None:
    """Rows are made, which needs no more than reading; what fails is the first back-link."""
    trial.change("ck_sandbox", "ck_readonly")
    trial.change("cs_sandbox", "cs_readonly")
    before = trial.held()["woocommerce"]
    done = trial.hsn(*ALL)
    assert done.returncode == 5
    assert "read-only" in done.stderr
    assert trial.held()["woocommerce"] == before
    trial.change("ck_readonly", "ck_sandbox")
    trial.change("cs_readonly", "cs_sandbox")
    trial.mends()


def test_a_token_in_a_variable_that_is_not_set(trial: Trial) -> None:
    trial.change('"ntn_sandbox"', '"env:NOTION_API_TOKEN"')
    trial.refused(4, "[notion] token", "NOTION_API_TOKEN")
    trial.change('"env:NOTION_API_TOKEN"', '"ntn_sandbox"')
    trial.mends()


# ------------------------------------------------------------------------------------------------------- addresses


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_a_shop_address_without_a_shop(trial: Trial) -> None:
    trial.change("/woocommerce", "/nowhere")
    trial.refused(5, "services.shop", "url")
    trial.change("/nowhere", "/woocommerce")
    trial.mends()


def test_a_shop_that_is_down(trial: Trial) -> None:
    right, wrong = f"{trial.ground.url}/woocommerce", f"http://127.0.0.1:{closed_port()}"
    trial.change(right, wrong)
    trial.refused(5, "shop", "no connection", "check the address")
    trial.change(wrong, right)
    trial.mends()


def test_notion_that_is_down(trial: Trial) -> None:
    right, wrong = f"{trial.ground.url}/notion", f"http://127.0.0.1:{closed_port()}"
    trial.change(right, wrong)
    trial.refused(5, "notion", "no connection", "check the address")
    trial.change(wrong, right)
    trial.mends()


def test_notion_that_goes_down_is_said_once_with_the_names_of_the_databases(synced: Trial) -> None:
    right, wrong = f"{synced.ground.url}/notion", f"http://127.0.0.1:{closed_port()}"
    synced.change(right, wrong)
    said = synced.refused(5, "no connection", "Clients, Products, Orders")
    assert said.startswith("hsn: notion: no connection")
    assert synced.source("clients")["id"] not in said
    synced.change(wrong, right)
    synced.mends()


def test_http_for_notion_elsewhere(trial: Trial) -> None:
    right = f"{trial.ground.url}/notion"
    trial.change(right, "http://notion.example.com")
    trial.refused(4, "[notion] base_url", "https")
    trial.change("http://notion.example.com", right)
    trial.mends()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_shop_that_redirects_to_https(trial: Trial, status: int) -> None:
    """The key goes to the address that the config names, and to no other."""
    answer = {"status": status, "headers": {"location": "https://shop.example.com/wp-json/"}, "body": {}}
    rule = {"service": "woocommerce", "path": ".*", "times": None, "do": answer}
    trial.ground.control("POST", "faults", {"rules": [rule]})
    trial.refused(4, "services.shop", "https is needed", "https://shop.example.com")
    trial.ground.control("DELETE", "faults")
    trial.mends()


# ---------------------------------------------------------------------------------------------------------- config


CONFIG = [
    pytest.param('token = "ntn_sandbox"', 'tokne = "ntn_sandbox"', ["tokne", "did you mean `token`?"], id="notion"),
    pytest.param("[sync]", "[snyc]", ["snyc", "did you mean `sync`?"], id="table"),
    pytest.param("quiet = 0", 'quite = "ntn_sandbox"', ["[sync] quite", "did you mean `quiet`?"], id="sync"),
    pytest.param("consumer_key", "costumer_key", ["[services.shop]", "consumer_key"], id="service"),
    pytest.param('"woocommerce"', '"woocomerce"', ["[services.shop] kind", "`woocommerce`"], id="kind"),
    pytest.param("streams.orders", "streams.oders", ["streams] oders", "did you mean `orders`?"], id="stream"),
    pytest.param("quiet = 0", "quiet = []", ["[sync] quiet"], id="type of quiet"),
    pytest.param('token = "ntn_sandbox"', "token = 451", ["[notion] token"], id="type of token"),
    pytest.param('"ck_sandbox"', "[451]", ["[services.shop] consumer_key"], id="type of key"),
    pytest.param("create = true", 'create = "ntn_sandbox"', ["customers] create"], id="type of create"),
    pytest.param('token = "ntn_sandbox"', "token = ntn_sandbox", ["line 2", "is not TOML"], id="no TOML"),
]


@pytest.mark.parametrize(("old", "new", "words"), CONFIG)
def test_a_config_key_that_is_wrong(trial: Trial, old: str, new: str, words: list[str]) -> None:
    right = trial.config.read_text()
    assert old in right
    before = trial.held()
    trial.config.write_text(right.replace(old, new))
    for command in (ALL, ("status",), ("health",)):
        done = trial.ground.hsn(*command, "--json", config=trial.config)
        assert done.returncode == 4
        assert "what to do: " in done.stderr
        assert not [word for word in ("hsn.toml", *words) if word not in done.stderr], done.stderr
        assert "ntn_sandbox" not in done.stderr + done.stdout, "no value is ever shown"
        assert '"exit_code": 4' in done.stdout
    assert trial.held() == before
    assert not trial.state.exists()


def test_a_config_that_is_not_there(trial: Trial) -> None:
    text = trial.config.read_text()
    trial.config.unlink()
    done = trial.ground.hsn(*ALL, config=trial.config)
    assert (done.returncode, "hsn init" in done.stderr, str(trial.config) in done.stderr) == (4, True, True)
    trial.config.write_text(text)
    trial.mends()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("sync", "shpo"), ["shpo", "did you mean `shop`?"]),
        (("status", "shpo"), ["shpo", "did you mean `shop`?"]),
        (("sync", "shop", "--all"), ["SERVICE and --all", "hsn sync shop", "hsn sync --all"]),
        (("sync",), ["hsn sync --all"]),
        (("pull",), ["hsn pull --all"]),
        (("push",), ["hsn push --all"]),
    ],
)
def test_what_was_typed_makes_no_sense(trial: Trial, command: tuple[str, ...], words: list[str]) -> None:
    trial.refused(2, *words, command=command)
    assert not trial.state.exists()


# ----------------------------------------------------------------------------------------------------------- state


def test_a_state_where_nothing_can_be_written(trial: Trial) -> None:
    """Below a regular file no user, not even root, can make one."""
    trial.change('"state.sqlite3"', '"hsn.toml/state.sqlite3"')
    trial.refused(4, "hsn.toml/state.sqlite3", "[state] path")
    trial.change('"hsn.toml/state.sqlite3"', '"state.sqlite3"')
    trial.mends()


def test_a_log_where_nothing_can_be_written(trial: Trial) -> None:
    trial.change('"hsn.log"', '"hsn.toml/hsn.log"')
    trial.refused(4, "[log] path", "hsn.toml/hsn.log")
    trial.change('"hsn.toml/hsn.log"', '"hsn.log"')
    trial.mends()


def garbage(state: Path) -> None:
    state.write_bytes(b"this is no database, but somebody's letter. " * 100)


def cut(state: Path) -> None:
    state.write_bytes(state.read_bytes()[: state.stat().st_size // 2])


def a_hole(state: Path) -> None:
    """The header is whole, so that it opens; what it holds is not."""
    whole = state.read_bytes()
    state.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))


def newer(state: Path) -> None:
    with sqlite3.connect(state) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()


@pytest.mark.parametrize("damage", [garbage, cut, a_hole, newer])
def test_a_state_that_is_damaged(synced: Trial, damage: Any) -> None:
    for tail in ("-wal", "-shm"):
        assert not synced.state.with_name(synced.state.name + tail).exists(), "closed well, it is one file"
    damage(synced.state)
    damaged = synced.state.read_bytes()
    synced.ground.control("POST", "clock", {"advance": 600})
    before = synced.held()
    synced.refused(4, str(synced.state), "--rebuild")
    synced.mends("--rebuild")
    assert synced.held() == before, "the markers tell all of it"
    kept = [path for path in synced.state.parent.glob("state.sqlite3*set-aside*") if path.read_bytes() == damaged]
    assert len(kept) == 1, "set aside, never deleted"
    synced.mends()


def test_an_empty_file_is_a_state_that_was_lost(synced: Trial) -> None:
    synced.state.write_bytes(b"")
    before = synced.held()
    synced.mends()
    assert synced.held() == before


# -------------------------------------------------------------------------------------------------------- accounts


def test_a_service_name_that_is_pointed_at_another_shop(synced: Trial) -> None:
    url = f"{synced.ground.url}/woocommerce"
    synced.change(url, url.replace("127.0.0.1", "localhost"))
    synced.refused(4, "[services.shop]", "127.0.0.1", "localhost")
    synced.change(url.replace("127.0.0.1", "localhost"), url)
    synced.mends()


def test_a_service_renamed_and_its_state_lost(synced: Trial) -> None:
    for path in synced.state.parent.glob("state.sqlite3*"):
        path.unlink()
    synced.change("[services.shop", "[services.store")
    synced.refused(4, "[services", "shop", "renaming")
    synced.refused(4, "[services", "shop", "renaming")  # the first refusal has read everything, and forgot nothing
    synced.change("[services.store", "[services.shop")
    synced.mends()


def test_a_service_renamed(synced: Trial) -> None:
    synced.change("[services.shop", "[services.store")
    synced.refused(4, "[services", "shop", "renaming")
    synced.change("[services.store", "[services.shop")
    synced.mends()
