"""Fixtures of the library's tests."""

from pathlib import Path

import pytest

from timbrel.library.catalogue import Catalogue, open_catalogue


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return open_catalogue(tmp_path / "library", create=True)
