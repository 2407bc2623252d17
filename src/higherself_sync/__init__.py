"""Two-way record sync between Notion and a business's services."""

__version__ = "0.1.0"
