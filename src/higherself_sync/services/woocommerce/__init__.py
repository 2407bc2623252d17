"""WooCommerce, REST API wc/v3: products with their variations, customers and orders of one shop, and guests of orders.

API: https://woocommerce.github.io/woocommerce-rest-api-docs/ · facts below were seen on WooCommerce 9.4 and 10.5.

Limits: 100 objects a page and a batch; no rate limit of its own (hosts add theirs). Times have whole seconds.

Traps, and what is done about each:

* `modified_after` is exclusive: one second is taken off. It wants UTC without a suffix, and `dates_are_gmt=true`.
* Customers have no such filter (it is ignored): their list is always read whole, with `role=all`, since the default
  leaves out everyone but plain customers. Staff who never bought are then left out here.
* An offset list shifts while it is read: it is complete only if its distinct ids equal the total on both ends.
* A trashed object is in no list but that of `status=trash`, which is therefore read too where only changes are asked
  for; a GET of it answers 200 with the status `trash`. What is deleted for good leaves nothing but its code behind.
* Variations are listed by product only. A change of one stamps its product, so they need no list of their own at rest.
  One without a SKU shows its product's, but not in the answer to a write.
* A checkout that was only begun is listed as an order (`checkout-draft`): left out, and no proof of anything.
* On post storage an order's time stays where its billing, lines or meta data change: full reads find that.
* An unknown id is 404 on GET and 400 on PUT: the code tells, not the status.
* An `id` in a body wins over the id in the path: no body to an item's path ever has one.
* The batch route checks nothing: it is used for markers alone, whose values need no check.
* Only `&` is encoded in names (`&amp;`), other entities are the user's own text.
* A key sent to routes outside `wc/` turns a public route into a 401: only `wc/` requests are signed.

Read in this order: `settings`, `wire` (what the shop sends), `columns` (what each field is, and how it is written),
`kinds` (what each stream can do), `markers`, `answers` (errors), `signing`, `listing`, `identity` (is it
still that shop?), `replica`, `variations`, `service`.
"""

from higherself_sync.services.woocommerce.kinds import streams
from higherself_sync.services.woocommerce.service import WooCommerce, connect
from higherself_sync.services.woocommerce.settings import Settings

__all__ = ["Settings", "WooCommerce", "connect", "streams"]
