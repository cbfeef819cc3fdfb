"""Blocks: network pieces that two families use unchanged."""
