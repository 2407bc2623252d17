"""One door per dependency: who may import what, read from the source itself."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"
PACKAGE = SRC / "higherself_sync"
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((PACKAGE / name).read_text(encoding="utf-8"))


def imported(name: str) -> Iterator[str]:
    """The full names of all modules that a file imports, `from x import y` as both x and x.y."""
    package = ["higherself_sync", *name.split("/")[:-1]]
    for node in ast.walk(tree(name)):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                above = package[: len(package) - node.level + 1] if node.level else []
                module = ".".join([*above, *([node.module] if node.module else [])])
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case _:
                pass


def importers(module: str) -> set[str]:
    return {name for name in FILES if any(each == module or each.startswith(f"{module}.") for each in imported(name))}


def below(*places: str) -> set[str]:
    """The files that are one of `places`, or in a folder of them."""
    return {
        name for name in FILES for place in places if name == place or (place.endswith("/") and name.startswith(place))
    }


@pytest.mark.parametrize(
    ("module", "doors"),
    [
        ("httpx", ("http.py",)),
        ("notion_client", ("notion/",)),
        ("rich", ("cli/render.py",)),
        ("sqlite3", ("state/",)),
        ("typer", ("cli/",)),
        ("tomllib", ("config.py",)),
        ("tomli_w", ("config.py",)),
        ("starlette", ("sandbox/",)),
        ("uvicorn", ("sandbox/",)),
    ],
)
def test_a_dependency_comes_in_by_its_door_alone(module: str, doors: tuple[str, ...]) -> None:
    users = importers(module)
    assert users, "nobody uses it: is the name right?"
    assert users <= below(*doors)


def test_the_environment_is_read_in_the_config_alone() -> None:
    names = {"environ", "environb", "getenv"}

    def reads(name: str) -> bool:
        used = (node for node in ast.walk(tree(name)) if isinstance(node, ast.Attribute) and node.attr in names)
        by_attribute = any(isinstance(node.value, ast.Name) and node.value.id == "os" for node in used)
        return by_attribute or bool({f"os.{each}" for each in names} & set(imported(name)))

    assert {name for name in FILES if reads(name)} == {"config.py"}


def test_the_core_knows_nothing_but_the_standard_library() -> None:
    io = {"os", "pathlib", "socket", "subprocess", "time", "logging", "random", "threading", "sqlite3", "urllib"}
    for name in below("core/"):
        for module in imported(name):
            top = module.partition(".")[0]
            assert module.startswith("higherself_sync.core") or module == "higherself_sync" or (
                top in sys.stdlib_module_names and top not in io
            ), f"{name} imports {module}"  # fmt: skip


def test_the_sandbox_stands_alone() -> None:
    """It imports nothing of the tool it is to test, and nothing of the tool imports it but what a person starts."""
    for name in below("sandbox/"):
        ours = {module for module in imported(name) if module.startswith("higherself_sync.")}
        assert all(module.startswith("higherself_sync.sandbox") for module in ours), f"{name}: {ours}"
    assert importers("higherself_sync.sandbox") <= below("sandbox/", "cli/", "demo/")


def test_services_and_notion_do_not_know_each_other() -> None:
    assert not importers("higherself_sync.notion") & below("services/", "core/", "state/", "http.py")
    assert importers("higherself_sync.services.woocommerce") <= below("services/woocommerce/")


HEAVY = ("httpx", "notion_client", "rich", "oauthlib", "starlette", "uvicorn")
PROBE = f"""
import json, sys
from higherself_sync.__main__ import main
try:
    main()
finally:
    print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["status", "--json"], ["status"]])
def test_a_quick_command_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "hsn.toml").write_text(
        '[services.shop]\nkind = "woocommerce"\nurl = "https://shop.example.com"\n'
        'consumer_key = "env:A"\nconsumer_secret = "env:B"\n[state]\npath = "state.sqlite3"\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True,
        env={"HSN_CONFIG": str(tmp_path / "hsn.toml"), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_the_loopback_guard_guards() -> None:
    import socket

    with socket.socket() as outside, pytest.raises(AssertionError, match="this machine alone"):
        outside.connect(("192.0.2.1", 80))
