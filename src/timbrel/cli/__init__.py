"""The command line: a skin over tasks; the only room that prints."""
