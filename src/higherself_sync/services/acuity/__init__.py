"""Acuity."""

from higherself_sync.services.acuity.kinds import streams
from higherself_sync.services.acuity.service import Acuity, connect
from higherself_sync.services.acuity.settings import Settings

__all__ = ["Acuity", "Settings", "connect", "streams"]
