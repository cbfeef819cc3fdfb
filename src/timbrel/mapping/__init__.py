"""Mapping: a 2-D picture of a library as an instrument hears it, and the way back."""
