"""Listening tests: blind tests for people, from the sounds to what their answers are worth."""
