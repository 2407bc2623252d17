"""Options are known by id; their names have no commas, and no two values share one."""

from hypothesis import given
from hypothesis import strategies as st

from higherself_sync.notion.options import Options


def option(option_id: str, name: str) -> dict[str, str]:
    return {"id": option_id, "name": name, "color": "default"}


def test_a_renamed_option_keeps_its_value() -> None:
    memory: dict[str, str] = {}
    assert Options("orders", memory).value("status", option("o1", "processing")) == "processing"
    later = Options("orders", memory)
    assert later.value("status", option("o1", "In Arbeit")) == "processing"
    assert later.option("status", "processing") == {"id": "o1"}


def test_an_option_is_remembered_per_database_and_field() -> None:
    memory: dict[str, str] = {}
    Options("orders", memory).value("status", option("o1", "done"))
    assert Options("orders", memory).value("currency", option("o1", "EUR")) == "EUR"
    assert Options("products", memory).value("status", option("o1", "draft")) == "draft"


def test_a_value_with_a_comma_goes_there_and_back() -> None:
    memory: dict[str, str] = {}
    options = Options("appointments", memory)
    assert options.option("service_type", "Yoga, beginners") == {"name": "Yoga; beginners"}
    options.wrote("service_type", "Yoga, beginners", option("o1", "Yoga; beginners"))
    assert options.value("service_type", option("o1", "Yoga; beginners")) == "Yoga, beginners"
    assert Options("appointments", memory).value("service_type", option("o1", "x")) == "Yoga, beginners"


def test_without_memory_the_values_that_services_declare_tell() -> None:
    known = {"service_type": {"Yoga, beginners", "Breath"}, "status": {"a, b", "a; b"}}
    options = Options("appointments", {}, known)
    assert options.value("service_type", option("o1", "Yoga; beginners")) == "Yoga, beginners"
    assert options.value("service_type", option("o2", "BREATH")) == "Breath"
    assert options.value("service_type", option("o3", "Other; thing")) == "Other; thing"
    assert options.value("status", option("o4", "a; b")) == "a; b"  # two could be meant: the name as it is


def test_an_option_that_already_had_a_value_does_not_get_another() -> None:
    options = Options("orders", {})
    options.value("status", option("o1", "Pending"))
    options.wrote("status", "waiting", option("o1", "Pending"))
    assert options.value("status", option("o1", "Pending")) == "Pending"


def test_a_forgotten_option_is_named_anew() -> None:
    memory: dict[str, str] = {}
    options = Options("orders", memory)
    options.value("status", option("o1", "pending"))
    assert options.forget("status", "o1") == "pending"
    assert options.option("status", "pending") == {"name": "pending"}
    assert memory == {}


@given(st.lists(st.text(alphabet="aA,; ", min_size=1, max_size=4), unique=True, max_size=8))
def test_no_two_values_share_a_name_ignoring_case(values: list[str]) -> None:
    options = Options("products", {})
    names: dict[str, str] = {}
    for index, value in enumerate(values):
        name = options.option("type", value)["name"]
        assert "," not in name
        assert name.casefold() not in names
        names[name.casefold()] = value
        options.wrote("type", value, option(f"o{index}", name))
    for index, value in enumerate(values):
        assert options.option("type", value) == {"id": f"o{index}"}
