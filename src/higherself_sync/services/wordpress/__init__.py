"""What the adapters of plugins of a WordPress site have in common. It is no adapter itself.

* A site's REST API lies below `/wp-json`; its index tells anybody the site's time zone and the plugins' namespaces.
* Only requests to the plugin's own routes are signed: elsewhere a plugin's key is a login that WordPress does not know,
  and a public route answers it with 401.
* Most times are the site's own, `YYYY-MM-DD HH:MM:SS`, without a zone: an answer read in the wrong zone would be wrong
  by hours and look right. So the zone is asked for before anything is read, in every run.
* A PHP fatal is an HTTP 500 with a page for people. The HTTP door tries again, and then the site is unreachable.
* An error in the database is an empty list: nothing is proved deleted by an empty answer alone.

Read in this order: `settings`, `site` (asking, and what refusals mean), `clock`, `words`, `seen` (how far the last read
had got), `identity` (is it still that site?), `readonly`.
"""
