"""A local twin of a WordPress site with UserFeedback Lite."""

from higherself_sync.sandbox.userfeedback.twin import UserFeedbackTwin

__all__ = ["UserFeedbackTwin"]
