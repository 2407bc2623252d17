"""A local twin of a WordPress site with Tutor LMS."""

from higherself_sync.sandbox.tutorlm.twin import TutorLMTwin

__all__ = ["TutorLMTwin"]
