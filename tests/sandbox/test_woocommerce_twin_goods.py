"""Products, their variations and the meta data of everything, beyond the recorded samples and the traps."""

from typing import Any

import pytest

from tests.sandbox.woocommerce_client import Client, keys


@pytest.fixture
def shop() -> Client:
    return Client()


# meta data


@pytest.mark.parametrize("path", ["orders", "products", "customers"])
def test_meta_is_written_by_key_or_by_id_and_null_deletes(shop: Client, path: str) -> None:
    first = [{"key": "b", "value": "1"}, {"key": "a", "value": "2"}, {"key": "b", "value": "last wins"}]
    thing = shop.made(path, {"email": "a@example.com", "password": "x", "meta_data": first})
    ids = {entry["key"]: entry["id"] for entry in thing["meta_data"]}
    by_key = path == "orders"
    assert keys(thing) == ([("a", "2"), ("b", "last wins")] if by_key else [("b", "last wins"), ("a", "2")])
    changes = [{"key": "b", "value": "in place"}, {"id": ids["a"], "key": "c", "value": "renamed"}]
    changed = shop.put(f"{path}/{thing['id']}", {"meta_data": changes}).body
    assert {entry["key"]: entry["id"] for entry in changed["meta_data"]} == {"b": ids["b"], "c": ids["a"]}
    gone = [{"key": "b", "value": None}, {"id": ids["a"], "value": None}]
    assert shop.put(f"{path}/{thing['id']}", {"meta_data": gone}).body["meta_data"] == []


def test_scalars_come_back_as_strings_and_lists_as_they_were(shop: Client) -> None:
    values = {"t": True, "f": False, "n": 5, "x": 2.5, "l": [1, {"a": True}], "_hidden": "shown"}
    product = shop.made("products", {"meta_data": [{"key": key, "value": value} for key, value in values.items()]})
    assert dict(keys(product)) == {"t": "1", "f": "", "n": "5", "x": "2.5", "l": [1, {"a": True}], "_hidden": "shown"}


def test_orders_list_their_meta_by_key_on_hpos_and_by_id_among_posts(shop: Client) -> None:
    meta = [{"key": "notion_page_id", "value": "x"}, {"key": "notion_managed", "value": "true"}]
    order = shop.made("orders", {"meta_data": meta})
    shop.twin.knobs({"storage": "posts"})
    assert [key for key, _ in keys(order)] == ["notion_managed", "notion_page_id"]
    assert [key for key, _ in keys(shop.get(f"orders/{order['id']}").body)] == ["notion_page_id", "notion_managed"]


def test_only_the_meta_asked_for_is_shown(shop: Client) -> None:
    meta = [{"key": key, "value": "x"} for key in ("a", "b", "c")]
    order = shop.made("orders", {"meta_data": meta})["id"]
    (listed,) = shop.get("orders", include_meta="a,c").body
    assert [key for key, _ in keys(listed)] == ["a", "c"]
    assert [key for key, _ in keys(shop.get(f"orders/{order}", exclude_meta="b").body)] == ["a", "c"]


# products


def test_a_name_keeps_its_markup_and_gets_its_ampersand_encoded(shop: Client) -> None:
    product = shop.made("products", {"name": 'Draft & "quoted" <b>thing</b> &amp; 1 < 2', "status": "draft"})
    assert product["name"] == 'Draft &amp; "quoted" <b>thing</b> &amp; 1 &lt; 2'
    assert product["slug"] == ""
    assert product["permalink"] == f"https://127.0.0.1:8090/?post_type=product&p={product['id']}"


def test_a_description_is_answered_as_typed_and_read_in_paragraphs(shop: Client) -> None:
    product = shop.made("products", {"description": "One & two\nthree\n\nfour"})
    assert product["description"] == "One &amp; two\nthree\n\nfour"
    read = shop.get(f"products/{product['id']}").body
    assert read["description"] == "<p>One &amp; two<br />\nthree</p>\n<p>four</p>\n"
    assert set(product) - set(read) == {"permalink_template", "generated_slug"}


@pytest.mark.parametrize(
    ("typed", "price"),
    [("24.5", "24.5"), ("29.90", "29.90"), ("abc", ""), ("", ""), ("1.200.50", "1200.50"), ("0", "0")],
)
def test_a_price_stays_as_typed(shop: Client, typed: str, price: str) -> None:
    product = shop.made("products", {"regular_price": typed})
    assert (product["regular_price"], product["price"], product["purchasable"]) == (price, price, price != "")


def test_a_price_as_a_number_is_refused_but_not_in_a_batch(shop: Client) -> None:
    answer = shop.post("products", {"regular_price": 24.5})
    assert (answer.status, answer.code) == (400, "rest_invalid_param")
    assert answer.body["data"]["params"] == {"regular_price": "regular_price is not of type string."}
    assert answer.body["data"]["details"]["regular_price"] == {
        "code": "rest_invalid_type",
        "message": "regular_price is not of type string.",
        "data": {"param": "regular_price"},
    }
    (created,) = shop.post("products/batch", {"create": [{"regular_price": 24.5}]}).body["create"]
    assert created["price"] == "24.5"


def test_a_sale_has_its_days(shop: Client) -> None:
    sale = {"regular_price": "10", "sale_price": "8", "date_on_sale_to": "2026-11-23T17:59:59"}
    over = shop.made("products", sale)
    running = shop.made("products", {**sale, "date_on_sale_to": "2026-11-24"})
    assert (over["on_sale"], over["price"], over["date_on_sale_to_gmt"]) == (False, "10", "2026-11-23T16:59:59")
    assert (running["on_sale"], running["price"]) == (True, "8")


def test_a_sku_is_one_products_in_whatever_case(shop: Client) -> None:
    first = shop.made("products", {"sku": "Gong-1"})
    answer = shop.post("products", {"sku": "GONG-1"})
    assert (answer.status, answer.code) == (400, "product_invalid_sku")
    assert answer.body["data"] == {"status": 400, "resource_id": first["id"], "unique_sku": "GONG-1-1"}
    assert shop.put(f"products/{first['id']}", {"sku": "GONG-1"}).status == 200
    shop.delete(f"products/{first['id']}")
    assert shop.made("products", {"sku": "gong-1"})["sku"] == "gong-1"
    assert shop.get(f"products/{first['id']}").body["sku"] == "GONG-1"


def test_slugs_are_unique_and_the_trash_leaves_them_free(shop: Client) -> None:
    first = shop.made("products", {"name": "Kurse für Anfänger & Profis"})
    second = shop.made("products", {"name": "Kurse für Anfänger & Profis"})
    assert (first["slug"], second["slug"]) == ("kurse-fur-anfanger-profis", "kurse-fur-anfanger-profis-2")
    shop.delete(f"products/{first['id']}")
    trashed = shop.get(f"products/{first['id']}").body
    assert trashed["slug"] == "kurse-fur-anfanger-profis__trashed"
    assert keys(trashed)[0] == ("_wp_trash_meta_status", "publish")
    restored = shop.put(f"products/{first['id']}", {"status": "publish"}).body
    assert (restored["status"], restored["slug"]) == ("publish", "kurse-fur-anfanger-profis")
    assert [key for key, _ in keys(restored)] == ["_wp_trash_meta_status", "_wp_trash_meta_time"]


@pytest.mark.parametrize("stream", ["orders", "products"])
def test_to_throw_away_twice_is_a_410(shop: Client, stream: str) -> None:
    made = shop.made(stream, {})
    assert shop.delete(f"{stream}/{made['id']}").body["status"] == made["status"]
    again = shop.delete(f"{stream}/{made['id']}")
    assert (again.status, again.code) == (410, "woocommerce_rest_already_trashed")


def test_what_counts_its_stock_follows_the_number(shop: Client) -> None:
    product = shop.made("products", {"manage_stock": True, "stock_quantity": 1})
    assert (product["stock_quantity"], product["stock_status"]) == (1, "instock")
    path = f"products/{product['id']}"
    assert shop.put(path, {"stock_quantity": 0}).body["stock_status"] == "outofstock"
    assert shop.put(path, {"backorders": "yes"}).body["backordered"] is True
    assert shop.put(path, {"manage_stock": False}).body["stock_quantity"] is None


def test_tags_are_made_by_name_and_unknown_categories_passed_over(shop: Client) -> None:
    category = shop.made("products/categories", {"name": "Kurse & mehr"})
    body = {"tags": [{"name": "new"}, {"name": "New"}], "categories": [{"id": category["id"]}, {"id": 999}]}
    product = shop.made("products", body)
    assert [tag["name"] for tag in product["tags"]] == ["new", "new"]
    assert product["categories"] == [{"id": category["id"], "name": "Kurse &amp; mehr", "slug": "kurse-mehr"}]
    assert shop.made("products", {"categories": [{"id": 999}]})["categories"][0]["name"] == "Uncategorized"
    listed = shop.get("products/categories", search="kurse")
    assert [(found["id"], found["count"]) for found in listed.body] == [(category["id"], 1)]


# variations


def framed(shop: Client) -> tuple[int, list[dict[str, Any]]]:
    size = {"name": "Size", "variation": True, "visible": True, "options": ["A4", "A3"]}
    parent = shop.made("products", {"name": "Print", "type": "variable", "sku": "PR", "attributes": [size]})["id"]
    options = (("A4", "90"), ("A3", "140.50"))
    return parent, [
        shop.made(
            f"products/{parent}/variations",
            {"regular_price": price, "sku": f"PR-{name}", "attributes": [{"name": "Size", "option": name}]},
        )
        for name, price in options
    ]


def test_variations_make_their_parents_price_and_stamp_it(shop: Client) -> None:
    parent, (small, _) = framed(shop)
    product = shop.get(f"products/{parent}").body
    assert (product["price"], product["variations"]) == ("90", [small["id"], small["id"] + 1])
    assert "Price range: &euro;90.00 through &euro;140.50" in product["price_html"]
    shop.wait(5)
    shop.put(f"products/{parent}/variations/{small['id']}", {"regular_price": "95"})
    changed = shop.get(f"products/{parent}").body
    assert (changed["price"], changed["date_modified_gmt"]) == ("95", "2026-11-23T17:00:05")


def test_a_variation_is_found_by_its_sku_among_the_products(shop: Client) -> None:
    _, (small, _) = framed(shop)
    (found,) = shop.get("products", sku="pr-a4").body
    assert (found["id"], found["type"], found["name"]) == (small["id"], "variation", "Print - A4")
    assert small["name"] == "A4"
    assert small["permalink"].endswith("/product/print/?attribute_size=A4")
    elsewhere = shop.put(f"products/{small['id']}", {"name": "x"})
    assert (elsewhere.status, elsewhere.code) == (404, "woocommerce_rest_invalid_product_id")


def test_a_variation_belongs_to_one_product(shop: Client) -> None:
    parent, (small, _) = framed(shop)
    other = shop.made("products", {"type": "variable"})["id"]
    assert shop.get(f"products/{other}/variations").ids == []
    assert shop.get(f"products/{other}/variations/{small['id']}").status == 404
    assert shop.put(f"products/{other}/variations/{small['id']}", {}).status == 403
    answer = shop.post(f"products/{parent}/variations/batch", {"update": [{"id": small["id"], "sku": "NEW"}]})
    assert answer.body["update"][0]["sku"] == "NEW"


def test_a_line_names_the_variation_and_its_product(shop: Client) -> None:
    parent, (small, _) = framed(shop)
    (line,) = shop.made("orders", {"line_items": [{"product_id": parent, "variation_id": small["id"]}]})["line_items"]
    assert (line["product_id"], line["variation_id"], line["name"]) == (parent, small["id"], "Print - A4")
    assert (line["sku"], line["parent_name"], line["price"]) == ("PR-A4", "Print", 90)
    (entry,) = line["meta_data"]
    assert (entry["key"], entry["value"], entry["display_key"]) == ("size", "A4", "Size")
