"""Amelia."""

from higherself_sync.services.amelia.kinds import streams
from higherself_sync.services.amelia.service import Amelia, connect
from higherself_sync.services.amelia.settings import Settings

__all__ = ["Amelia", "Settings", "connect", "streams"]
