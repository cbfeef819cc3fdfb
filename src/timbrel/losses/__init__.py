"""Losses: tensor to scalar; sign, unit and source stated."""
