"""A local twin of an Acuity Scheduling account."""

from higherself_sync.sandbox.acuity.twin import AcuityTwin

__all__ = ["AcuityTwin"]
