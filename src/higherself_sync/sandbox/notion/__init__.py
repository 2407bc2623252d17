"""The local twin of Notion: databases, data sources, pages and blocks over a store in memory."""

from .twin import NotionTwin

__all__ = ["NotionTwin"]
