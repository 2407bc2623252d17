"""`hsn sandbox` as a process, for tests that need the whole tool: real sockets, the real script."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tomli_w

HSN = Path(sys.executable).parent / "hsn"
SHOP = ("products", "customers", "orders")


@dataclass(frozen=True)
class Ground:
    """A running sandbox and the config that it wrote."""

    url: str
    config: Path

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and answer of any request to it; `path` begins with the service's prefix."""
        content = None if body is None else json.dumps(body).encode()
        whole = {"content-type": "application/json", **(headers or {})}
        request = urllib.request.Request(f"{self.url}/{path}", content, whole, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """`METHOD /_sandbox/PATH`."""
        status, answer = self.send(method, f"_sandbox/{path}", body)
        assert status < 300, (method, path, status, answer)
        return answer

    def records(self) -> dict[str, set[str]]:
        """The External ID lines of what the services hold, by service."""
        dump = self.control("GET", "dump")
        types = [each["id"] for each in dump["acuity"]["appointment-types"] if each["active"]]
        said = [each for each in dump["userfeedback"]["responses"] if each["status"] == "publish"]
        taught = [each for each in dump["tutorlm"]["courses"] if each["post_status"] == "publish"]
        reviews = dump["tutorlm"]["reviews"]
        return {
            "shop": {f"shop:{stream}:{each['id']}" for stream in SHOP for each in dump["woocommerce"][stream]},
            "forms": {f"forms:responses:{each['token']}" for each in dump["typeform"]["responses"]},
            "desk": {
                *(f"desk:appointments:{each['id']}" for each in dump["acuity"]["appointments"]),
                *(f"desk:types:{each}" for each in types),
            },
            "feedback": {f"feedback:responses:{each['survey_id']}-{each['id']}" for each in said},
            "school": {
                *(f"school:courses:{each['ID']}" for each in taught),
                *(f"school:reviews:{each['comment_post_ID']}-{each['comment_ID']}" for each in reviews),
            },
        }

    def hsn(self, *arguments: str, config: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the script with this config and an empty environment."""
        words = [str(HSN), "--config", str(config or self.config), *arguments]
        return subprocess.run(words, capture_output=True, text=True, env={"HOME": str(self.config.parent)}, timeout=120)

    def changed(self, name: str, *changes: tuple[str, str]) -> Path:
        """Another config beside the first, with a state of its own, in which texts are replaced."""
        text = self.config.read_text().replace("state.sqlite3", f"{name}.sqlite3")
        for old, new in changes:
            assert old in text, f"{old!r} is not in the config"
            text = text.replace(old, new)
        path = self.config.with_name(f"{name}.toml")
        path.write_text(text)
        path.chmod(0o600)
        return path


def without_rights(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`hsn` with FOLDER/hsn.toml, as a user whom file modes stop: root, as many a container is run, they do not."""
    words = [str(HSN), *arguments]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("only setpriv can take root's rights over files away")
        words = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search", *words]
    environ = {"HSN_CONFIG": str(folder / "hsn.toml"), "HOME": str(folder)}
    return subprocess.run(words, capture_output=True, text=True, env=environ, timeout=120)


@contextmanager
def sandbox(folder: Path, *options: str, services: Collection[str] | None = ("shop",)) -> Iterator[Ground]:
    """`hsn sandbox --port 0 --write-config FOLDER/hsn.toml OPTIONS` while the block runs.

    `services`: those that the config is left with; None: all, as it was written.
    """
    config = folder / "hsn.toml"
    words = [str(HSN), "sandbox", "--port", "0", "--write-config", str(config), *options]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready, "the sandbox did not start: what it said is on stderr"
            word, url, told = ready.split()
            assert (word, told) == ("ready", f"config={config}")
            if services is not None:
                _leave(config, services)
            yield Ground(url, config)
        finally:
            process.terminate()
            process.wait(timeout=20)
    assert process.returncode == 0, "it ends well when it is asked to"


def _leave(config: Path, services: Collection[str]) -> None:
    table = tomllib.loads(config.read_text())
    table["services"] = {name: table["services"][name] for name in services}
    config.write_text(tomli_w.dumps(table))
