"""The config: what is read, what is refused and how that is said, and that no secret shows."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from higherself_sync import config, secret
from higherself_sync.config import Config, InvalidConfig, load
from higherself_sync.core.plan import Limit
from higherself_sync.core.record import Entity
from higherself_sync.errors import ConfigError
from higherself_sync.sections import notion_id

SHOP = """
[services.shop]
kind = "woocommerce"
url = "https://shop.example.com"
consumer_key = "ck_literal_key"
consumer_secret = "cs_literal_secret"
"""
UUID = "0123456789abcdef0123456789abcdef"

Read = Callable[..., Config]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a config and load it, in an environment that holds only what is handed in."""

    def reader(text: str, **environ: str) -> Config:
        path = tmp_path / "hsn.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, environ)

    return reader


def problems(read: Read, text: str, **environ: str) -> dict[str, tuple[str, str]]:
    """What `load` complains about: place within the file -> (message, remedy)."""
    with pytest.raises(ConfigError) as caught:
        read(text, **environ)
    found = caught.value.problems if isinstance(caught.value, InvalidConfig) else (caught.value,)
    return {each.place.partition("hsn.toml ")[2] or each.place: (each.message, each.remedy) for each in found}


def shop_secrets(loaded: Config) -> list[secret.Secret]:
    """The shop's key and its secret."""
    return [each for each in loaded.secrets() if each is not loaded.notion.token]


# ------------------------------------------------------------------------------------------------------- what is read


def test_defaults_are_those_of_the_interface(read: Read) -> None:
    loaded = read("")
    assert loaded.notion.base_url == "https://api.notion.com"
    assert (loaded.notion.version, loaded.notion.requests_per_minute) == ("2026-03-11", 180)
    assert (loaded.sync.conflict, loaded.sync.first_contact) == ("newest", "ask")
    assert (loaded.sync.full_every, loaded.sync.quiet, loaded.sync.max_wait) == (86400, 120, 600)
    assert loaded.state.keep_days == 365
    assert loaded.services == {}


def test_stream_settings_are_merged_from_stream_service_and_sync(read: Read) -> None:
    loaded = read(
        '[sync]\nconflict = "notion"\n'
        + SHOP
        + 'conflict = "service"\n[services.shop.streams.orders]\nconflict = "ask"\nmails = true\n'
        + SHOP.replace("services.shop", "services.second")
    )
    assert loaded.stream("shop", "orders").conflict == "ask"
    assert loaded.stream("shop", "products").conflict == "service"
    assert loaded.stream("second", "products").conflict == "notion"
    assert loaded.stream("shop", "orders").mails
    assert not loaded.stream("shop", "products").mails


def test_what_makes_a_service_mail_a_person_is_opt_in(read: Read) -> None:
    loaded = read(SHOP)
    assert loaded.stream("shop", "products").create
    assert not loaded.stream("shop", "customers").create  # WooCommerce mails a welcome
    assert not loaded.stream("shop", "customers").mails
    opted_in = read(SHOP + "[services.shop.streams.customers]\ncreate = true\nmails = true\n")
    assert opted_in.stream("shop", "customers").create


def test_durations_limits_and_paths(read: Read, tmp_path: Path) -> None:
    written = '[sync]\nquiet = 0\nmax_wait = "90s"\nfull_every = "1.5h"\nmax_delete = 12\n'
    loaded = read(written + '[state]\npath = "memory/state.sqlite3"')
    assert (loaded.sync.quiet, loaded.sync.max_wait, loaded.sync.full_every) == (0, 90, 5400)
    assert loaded.sync.max_delete == Limit(number=12)
    assert loaded.state.path == tmp_path / "memory" / "state.sqlite3"


@pytest.mark.parametrize(
    ("limit", "links", "allowed"),
    [(Limit(share=0.1), 1000, 100), (Limit(share=0.1), 20, 5), (Limit(share=0.0), 9999, 5), (Limit(number=0), 9999, 0)],
)
def test_a_share_lets_at_least_five_deletions_through(limit: Limit, links: int, allowed: int) -> None:
    assert limit.allowed(links) == allowed


@pytest.mark.parametrize(
    "written",
    [
        UUID,
        "01234567-89ab-cdef-0123-456789abcdef",
        UUID.upper(),
        f"https://www.notion.so/team/{UUID}?v={'f' * 32}",
        f"https://www.notion.so/Our-cafe-{UUID}",
        f"https://www.notion.so/Our-cafe-{UUID}?source=copy_link#{'e' * 32}",
        "https://team.notion.site/01234567-89ab-cdef-0123-456789abcdef/",
    ],
)
def test_an_id_is_found_in_every_form_that_notion_shows(written: str) -> None:
    assert notion_id(written) == "01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    "written", ["", "Clients", "https://www.notion.so/", f"https://x.example/?v={UUID}", UUID[:31]]
)
def test_what_holds_no_id_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="neither the ID nor the URL"):
        notion_id(written)


# ----------------------------------------------------------------------------------------------------- what is refused


def test_every_problem_is_listed_at_once_with_place_and_remedy(read: Read) -> None:
    found = problems(
        read,
        'env_fil = "x"\n[notion]\ntokn = "ntn_secret_value"\nrequests_per_minute = "180"\n'
        '[notion.databases]\nclient = "' + UUID + '"\n[notion.properties.clients]\nemial = "E-mail"\n'
        '[sync]\nquiet = 5\nmax_delete = "110%"\n[http]\ntimeout = 0\n'
        + SHOP.replace("consumer_key", "consumer_kye")
        + '[services.shop.streams.orders]\ndirection = "sideways"\n[sync2]\n',
    )
    assert found["env_fil"] == ("unknown key", "did you mean `env_file`?")
    assert found["[notion] tokn"] == ("unknown key", "did you mean `token`?")
    assert found["[notion] requests_per_minute"][0] == "must be a valid integer"
    assert found["[notion.databases] client"] == ("unknown key", "did you mean `clients`?")
    assert "duration" in found["[sync] quiet"][0]
    assert "[sync] max_delete" in found
    assert "[http] timeout" in found
    assert found["[services.shop] consumer_key"][0] == "missing"
    assert found["[services.shop] consumer_kye"] == ("unknown key", "did you mean `consumer_key`?")
    assert found["sync2"] == ("unknown key", "did you mean `sync`?")
    assert all(remedy for _, remedy in found.values())


def test_a_misspelt_column_or_stream_is_suggested(read: Read) -> None:
    columns = problems(read, '[notion.properties.clients]\nemial = "E-mail"')
    assert columns == {"[notion.properties.clients] emial": ("unknown key", "did you mean `email`?")}
    streams = problems(read, SHOP + '[services.shop.streams.order]\ndirection = "pull"')
    assert streams == {"[services.shop.streams] order": ("there is no such stream", "did you mean `orders`?")}


def test_names_are_suggested_whatever_their_case(read: Read) -> None:
    assert problems(read, SHOP.replace("woocommerce", "WooCommerce"))["[services.shop] kind"][1] == (
        "did you mean `woocommerce`?"
    )


def test_a_database_cannot_be_that_of_two_entities(read: Read) -> None:
    url = f"https://www.notion.so/Clients-{UUID}?v=1"
    found = problems(read, f'[notion.databases]\nclients = "{UUID}"\nproducts = "{url}"')
    message, remedy = found["[notion.databases] products"]
    assert "the same database as clients" in message
    assert "copy the link" in remedy
    assert set(problems(read, f'[notion.databases]\nclients = "{UUID}"', NOTION_ORDERS_DATABASE_ID=UUID)) == {
        "NOTION_ORDERS_DATABASE_ID"
    }


@pytest.mark.parametrize("name", ["Shop", "notion", "1shop", "s" * 32, "shop:eu"])
def test_a_service_name_that_markers_cannot_hold_is_refused(read: Read, name: str) -> None:
    assert problems(read, SHOP.replace("services.shop", f'services."{name}"'))[f"[services.{name}]"]


def test_an_unknown_kind_names_the_nearest(read: Read) -> None:
    found = problems(read, SHOP.replace('"woocommerce"', '"woocomerce"'))
    assert found["[services.shop] kind"] == ("must be a known kind", "did you mean `woocommerce`?")


def test_what_a_stream_cannot_do_cannot_be_asked_of_it(read: Read) -> None:
    found = problems(
        read, SHOP + '[services.shop.streams.orders]\ncreate = true\n[services.shop.streams.people]\n'
        'on_notion_delete = "archive"\n'
    )  # fmt: skip
    assert set(found) == {"[services.shop.streams.orders] create", "[services.shop.streams.people] on_notion_delete"}


@pytest.mark.parametrize("text", ["notion = 3", "services = 1", "[services]\nshop = 1", "[notion]\ndatabases = 'x'"])
def test_a_value_where_a_table_belongs_is_refused(read: Read, text: str) -> None:
    (message, _) = next(iter(problems(read, text).values()))
    assert message == "must be a table"


def test_a_token_never_travels_over_plain_http_but_to_this_machine(read: Read) -> None:
    found = problems(read, '[notion]\nbase_url = "http://api.example.com"')
    assert "https is needed" in found["[notion] base_url"][0]
    assert (
        read('[notion]\nbase_url = "http://127.0.0.1:8080/notion/"').notion.base_url == "http://127.0.0.1:8080/notion"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"[notion\n", "is not TOML"), (b'a = "\xff"', "is not UTF-8 text"), (None, "no such file")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "hsn.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        load(path, {})
    assert caught.value.place == str(path)
    assert caught.value.remedy


# ------------------------------------------------------------------------------------------------------ the environment


def test_the_environment_alone_is_a_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    environ = {
        "NOTION_API_TOKEN": "ntn_from_env",
        "NOTION_WORKFLOW_INSTANCES_DATABASE_ID": UUID,
        "WOOCOMMERCE_URL": "https://shop.example.com",
        "WOOCOMMERCE_CONSUMER_KEY": "ck_from_env",
        "WOOCOMMERCE_CONSUMER_SECRET": "cs_from_env",
    }
    loaded = load(None, environ)
    assert not loaded.found
    assert loaded.notion.token.reveal() == "ntn_from_env"
    assert loaded.notion.databases == {Entity.WORKFLOWS: notion_id(UUID)}
    shop = loaded.services["woocommerce"]
    assert shop.kind == "woocommerce"
    assert [each.reveal() for each in loaded.secrets()] == ["ntn_from_env", "ck_from_env", "cs_from_env"]


SCHOOL = """
[services.school]
kind = "tutorlm"
url = "https://shop.example.com"
api_key = "key_literal"
api_secret = "secret_literal"
"""


@pytest.mark.parametrize(
    "url", ["https://shop.example.com", "https://www.shop.example.com/wp-json", "https://SHOP.example.com"]
)
def test_a_service_names_another_of_its_own_site(read: Read, url: str) -> None:
    school = SCHOOL.replace("https://shop.example.com", url) + 'same_site = "shop"\n'
    assert set(read(school + SHOP).services) == {"shop", "school"}


@pytest.mark.parametrize(
    ("named", "remedy"),
    [
        ("shpo", "leave it out, or correct it: did you mean `shop`?"),
        ("school", "leave it out, or correct it: did you mean `shop`?"),
        ("library", "leave it out, or correct it: known here: shop"),
    ],
)
def test_a_service_of_the_same_site_has_to_be_there_and_of_that_kind(read: Read, named: str, remedy: str) -> None:
    found = problems(read, SHOP + SCHOOL + f'same_site = "{named}"\n')
    assert found == {"[services.school] same_site": ("must name a woocommerce service of this config", remedy)}


def test_a_service_of_the_same_site_is_not_one_of_another(read: Read) -> None:
    school = SCHOOL.replace("shop.example.com", "school.example.com") + 'same_site = "shop"\n'
    message, remedy = problems(read, SHOP + school)["[services.school] same_site"]
    assert "of another site" in message
    assert "example.com" not in message + remedy
    assert "leave it out" in remedy


def test_what_is_wrong_with_the_service_of_the_same_site_is_told_of_it_alone(read: Read) -> None:
    broken = SHOP.replace("https://shop.example.com", "shop.example.com")
    assert set(problems(read, broken + SCHOOL + 'same_site = "shop"\n')) == {"[services.shop] url"}


def test_a_configured_service_of_a_kind_takes_the_place_of_the_environments(read: Read) -> None:
    loaded = read(SHOP, WOOCOMMERCE_URL="https://other.example.com", WOOCOMMERCE_CONSUMER_KEY="ck_other")
    assert set(loaded.services) == {"shop"}


def test_the_config_wins_over_the_environment(read: Read) -> None:
    loaded = read(f'[notion]\ntoken = "ntn_file"\n[notion.databases]\nclients = "{UUID}"', NOTION_API_TOKEN="ntn_env",
                  NOTION_CLIENTS_DATABASE_ID="f" * 32)  # fmt: skip
    assert loaded.notion.token.reveal() == "ntn_file"
    assert loaded.notion.databases[Entity.CLIENTS] == notion_id(UUID)


def test_a_bad_value_from_the_environment_is_named_by_its_variable(read: Read) -> None:
    assert set(problems(read, "", NOTION_ORDERS_DATABASE_ID="nonsense")) == {"NOTION_ORDERS_DATABASE_ID"}
    assert set(problems(read, "", WOOCOMMERCE_CONSUMER_KEY="ck_x")) == {"WOOCOMMERCE_URL"}


def test_hsn_config_names_the_file_and_must_be_right(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[state]\nkeep_days = 7\n")
    assert load(None, {"HSN_CONFIG": str(tmp_path / "mine.toml")}).state.keep_days == 7
    with pytest.raises(ConfigError, match="no such file"):
        load(None, {"HSN_CONFIG": str(tmp_path / "gone.toml")})


def test_the_env_file_serves_where_cron_passes_nothing(read: Read, tmp_path: Path) -> None:
    (tmp_path / "hsn.env").write_text(
        "# keys\nexport NOTION_API_TOKEN='ntn_from_file' \nSHOP_KEY=ck_file # the shop\n\nnonsense\nOTHER=file\n"
    )
    loaded = read(
        'env_file = "hsn.env"\n'
        + SHOP.replace("ck_literal_key", "env:SHOP_KEY").replace("cs_literal_secret", "env:OTHER"),
        OTHER="process",
    )
    assert [each.reveal() for each in loaded.secrets()] == ["ntn_from_file", "ck_file", "process"]


# -------------------------------------------------------------------------------------------------------------- secrets


def test_secrets_come_from_files_and_commands(read: Read, tmp_path: Path) -> None:
    """The first line counts, as password managers print it; paths start at the config's folder."""
    (tmp_path / "key.txt").write_text("ck_in_file\nlogin: someone\n")
    (tmp_path / "ask.sh").write_text("echo cs_printed; echo more")
    loaded = read(SHOP.replace("ck_literal_key", "file:key.txt").replace("cs_literal_secret", "cmd:sh ask.sh"))
    assert [each.reveal() for each in shop_secrets(loaded)] == ["ck_in_file", "cs_printed"]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("env:NOT_THERE", "NOT_THERE is not set"),
        ("env:EMPTY", "is empty"),
        ("file:not-there.txt", "cannot read"),
        ("cmd:false", "exit code 1"),
        ("cmd:not-a-command-at-all", "cannot be run"),
        ("cmd:true", "is empty"),
    ],
)
def test_a_secret_that_is_not_there_is_named_by_its_place(read: Read, reference: str, message: str) -> None:
    loaded = read(SHOP.replace("ck_literal_key", reference), EMPTY="")
    with pytest.raises(ConfigError, match=message) as caught:
        shop_secrets(loaded)[0].reveal()
    assert caught.value.place.endswith("hsn.toml [services.shop] consumer_key")
    assert caught.value.remedy


def test_files_as_windows_saves_them_are_read(read: Read, tmp_path: Path) -> None:
    """Notepad's UTF-8 begins with a byte order mark."""
    for name, text in (("key.txt", "ck_in_file"), ("hsn.env", "SHOP_SECRET=cs_in_file")):
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
    shop = SHOP.replace("ck_literal_key", "file:key.txt").replace("cs_literal_secret", "env:SHOP_SECRET")
    loaded = read("\ufeffenv_file = 'hsn.env'\n" + shop)
    assert [each.reveal() for each in shop_secrets(loaded)] == ["ck_in_file", "cs_in_file"]


@pytest.mark.parametrize("key", ["ck_änd", "ck_\u200bx", "ck_\tx", "ck_\x00"])
def test_a_key_that_no_request_could_carry_is_refused_and_not_shown(read: Read, key: str) -> None:
    loaded = read(SHOP.replace("ck_literal_key", "env:SHOP_KEY"), SHOP_KEY=key)
    with pytest.raises(ConfigError, match="character 4 of the environment variable") as caught:
        shop_secrets(loaded)[0].reveal()
    assert caught.value.place.endswith("[services.shop] consumer_key")
    assert key not in repr(caught.value.as_json())


def test_no_value_is_ever_shown(read: Read) -> None:
    loaded = read('[notion]\ntoken = "ntn_very_secret"\n' + SHOP)
    shown = f"{loaded!r} {loaded} {loaded.services['shop'].settings.model_dump_json()}"
    assert not [value for value in ("ntn_very_secret", "ck_literal_key", "cs_literal_secret") if value in shown]


def test_no_value_is_shown_by_an_error(read: Read) -> None:
    with pytest.raises(ConfigError) as caught:
        read('[notion]\ntokn = "ntn_very_secret"\ntoken = 3\nversion = 4\n' + SHOP.replace("consumer_key", "kye"))
    assert "ntn_very_secret" not in repr(caught.value.as_json())
    assert "ck_literal_key" not in repr(caught.value.as_json())


def test_what_was_revealed_is_hidden_from_then_on(read: Read) -> None:
    loaded = read('[notion]\ntoken = "ntn_to_be_hidden"')
    loaded.notion.token.reveal()
    assert secret.redact("Bearer ntn_to_be_hidden!") == f"Bearer {secret.HIDDEN}!"


# -------------------------------------------------------------------------------------------------------------- writing


def test_a_written_config_is_its_owners_alone_and_keeps_the_former_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "hsn.toml"
    config.write(path, {"state": {"keep_days": 7}})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config.write(path, {"state": {"keep_days": 8}})
    assert load(path, {}).state.keep_days == 8
    assert load(path.with_name("hsn.toml.bak"), {}).state.keep_days == 7


def test_a_place_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        config.write(tmp_path / "file" / "hsn.toml", {})


def test_the_example_of_two_businesses_is_a_config(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "two-businesses.md").read_text(encoding="utf-8")
    (tmp_path / "hsn.toml").write_text(page.partition("```toml\n")[2].partition("```")[0])
    (tmp_path / "hsn.env").write_text("NOTION_API_TOKEN=x\n")
    loaded = load(tmp_path / "hsn.toml", {})
    assert sorted(loaded.services) == ["practice", "space"]
    assert loaded.stream("space", "products").on_notion_delete == "archive"
