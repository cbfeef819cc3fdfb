"""Synthesis: seeds in, renders out."""
