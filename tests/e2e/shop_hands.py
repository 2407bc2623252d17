"""Hands at a shop: what buyers, people in wp-admin and other programs do there, and a run that waits meanwhile."""

import base64
import subprocess
import time
from typing import Any

from tests.e2e.scene import Scene

TOKEN = base64.b64encode(b"ck_sandbox:cs_sandbox").decode()


def rest(here: Scene, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """What another program does through the API, below `wc/v3`: status and answer."""
    headers = {"authorization": f"Basic {TOKEN}", "x-forwarded-proto": "https"}
    return here.ground.send(method, f"woocommerce/wp-json/wc/v3/{path}", body, headers)


def made(here: Scene, stream: str, **fields: Any) -> str:
    """The number of something that a buyer, or somebody in wp-admin, makes."""
    return str(here.ground.control("POST", f"woocommerce/{stream}", fields)["id"])


def order(here: Scene, mail: str, **fields: Any) -> str:
    return made(here, "orders", billing={"first_name": "Ida", "last_name": "Berg", "email": mail}, **fields)


def asked(here: Scene, path: str) -> list[str]:
    return [each["query"] for each in here.requests() if each["path"] == f"/wp-json/wc/v3/{path}"]


def full_reads(here: Scene, stream: str) -> list[str]:
    return [each for each in asked(here, stream) if "modified_after" not in each and "include" not in each]


def held(here: Scene, path: str, **more: Any) -> "subprocess.Popen[str]":
    """A run that waits where it is about to send that request."""
    here.fault("woocommerce", path, {"hold": "before"}, times=1, **more)
    run = here.start()
    while not any(rule["hits"] for rule in here.ground.control("GET", "faults")["rules"]):
        assert run.poll() is None, run.communicate()
        time.sleep(0.02)
    return run


def let_go(here: Scene, run: "subprocess.Popen[str]") -> int:
    here.mend()
    run.communicate(timeout=60)
    return run.returncode


def some_line(here: Scene) -> list[dict[str, Any]]:
    product = next(each for each in here.shop("products").values() if each["price"] and each["status"] == "publish")
    return [{"product_id": product["id"], "quantity": 1}]
