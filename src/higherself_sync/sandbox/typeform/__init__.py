"""A local twin of Typeform."""

from higherself_sync.sandbox.typeform.twin import TypeformTwin

__all__ = ["TypeformTwin"]
