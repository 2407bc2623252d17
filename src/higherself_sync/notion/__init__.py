"""Notion, the hub, as a replica."""
