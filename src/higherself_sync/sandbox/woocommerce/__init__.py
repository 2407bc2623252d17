"""A local twin of a WooCommerce shop."""

from higherself_sync.sandbox.woocommerce.twin import WooCommerceTwin

__all__ = ["WooCommerceTwin"]
