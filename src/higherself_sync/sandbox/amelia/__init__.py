"""A local twin of a site with the booking plugin Amelia."""

from higherself_sync.sandbox.amelia.twin import AmeliaTwin

__all__ = ["AmeliaTwin"]
