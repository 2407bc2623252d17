"""What The Connection Practice (retreats, workshops, consulting) and The 7 Space (gallery, wellness) might sell."""

import random
from collections.abc import Iterator
from itertools import count
from typing import Any

# (name, regular price, SKU or "", what is special about it)
CATALOGUE: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("Connection Practice Foundations (2 days)", "340.00", "TCP-FOUND", {}),
    ("Silent Retreat in the Uckermark", "890", "TCP-RET-01", {"sold_individually": True}),
    ("Heart & Mind Retreat, Azores", "1450.00", "TCP-RET-02", {"sale_price": "1290.00"}),
    ("Couples’ Retreat “Coming Home”", "1180", "TCP-RET-03", {"status": "draft"}),
    ("Empathy Workshop for Teams", "95.00", "TCP-WS-01", {}),
    ("Watercolor Workshop", "75.5", "TCP-WS-02", {"manage_stock": True, "stock_quantity": 400}),
    ("Breath & Voice – Evening Workshop", "45", "TCP-WS-03", {}),
    ("Nonviolent Communication, Level 1", "210.00", "TCP-WS-04", {"virtual": True}),
    ("Mediation Consulting (60 min)", "140.00", "TCP-CON-01", {"virtual": True}),
    ("Team Consulting, half a day", "680", "TCP-CON-02", {"virtual": True}),
    ("Consulting for Schools <pilot>", "0", "TCP-CON-03", {"status": "private"}),
    ("Therapeutic Massage 60 min", "120", "", {}),
    ("Therapeutic Massage 90 min", "165", "SPACE-MAS-90", {}),
    ("Lomi Lomi Massage", "130.00", "SPACE-MAS-LL", {"sale_price": "110"}),
    ("Craniosacral Session", "95", "SPACE-CS", {}),
    ("Reiki & Sound Bath", "75", "SPACE-RSB", {}),
    ("Private Yoga", "100", "SPACE-YOGA", {}),
    ("Guided Meditation", "60.00", "SPACE-MED", {"sale_price": "48.00"}),
    ("Tea Ceremony 茶の湯", "55", "SPACE-TEA", {"manage_stock": True, "stock_quantity": 300}),
    ('Art print "Stille"', "250", "ART-001", {}),
    ("Art print «Été», A3", "85.00", "ART-002", {"manage_stock": True, "stock_quantity": 120}),
    ('Art print 24" × 36" – Tide', "310.00", "ART-003", {"status": "draft"}),
    ("Linocut No. 7 (signed & numbered)", "190", "ART-004", {"sold_individually": True}),
    ("Ceramic Bowl, O’Hara glaze", "64.90", "ART-005", {"manage_stock": True, "stock_quantity": 80}),
    ("Exhibition Catalogue “Seven Spaces”", "28", "ART-CAT-7", {}),
    ("Gallery Evening with the Artist", "15.00", "ART-EVE", {}),
    ("Gift Card 50 €", "50", "GIFT-050", {"virtual": True, "downloadable": True}),
    ("Gift Card 100 €", "100", "GIFT-100", {"virtual": True, "downloadable": True}),
    ("Gift Card 250 €", "250", "GIFT-250", {"virtual": True, "downloadable": True}),
    ("Wellness Day 🌿 sauna, massage, tea", "185.00", "SPACE-DAY", {"sale_price": "160"}),
)


def products(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Bodies of `POST /products`, as many as are wanted: the catalogue, then its later editions."""
    for edition in count(1):
        for name, price, sku, special in CATALOGUE:
            product = {
                "name": name if edition == 1 else f"{name} #{edition}",
                "type": "simple",
                "status": "publish",
                "regular_price": price,
                "description": f"<p>{chance.choice(DESCRIPTIONS)}</p>",
                "short_description": "<p>A <em>quiet</em> hour.</p>" if sku.startswith("SPACE") else "",
                **special,
            }
            if sku:
                product["sku"] = sku if edition == 1 else f"{sku}-{edition}"
            yield product


DESCRIPTIONS = (
    "For body &amp; mind, in small groups.",
    "No experience is needed. Bring warm socks.",
    "In English and German; other languages when asked for.",
    "A place is yours once it is paid.",
)
