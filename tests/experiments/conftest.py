"""Experiments on few sounds: what tests state of them does not depend on how many there are."""

import pytest

from timbrel.experiments import _material as material


@pytest.fixture(autouse=True)
def few_drums(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two drums of a label are made instead of four."""
    monkeypatch.setattr(material, "DEMO_PER_LABEL", 2)
