"""Library: the catalogue of a person's sounds, how it is filled, split and searched."""
