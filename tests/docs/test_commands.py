"""Every command of every page is one that the command line understands, options and all."""

import pytest

from fixtures_pages import ROOT, commands, pages, parse

SHOWN = [
    pytest.param(words, id=f"{page.relative_to(ROOT)}: {' '.join(words)}"[:90])
    for page in pages()
    for words in commands(page)
]


@pytest.mark.parametrize("words", SHOWN)
def test_a_command_of_a_page_is_understood(words: list[str]) -> None:
    assert parse(words).startswith("timbrel ")


@pytest.mark.parametrize(
    "wrong",
    [
        ["scna", "sounds"],
        ["generate", "drums", "--cuont", "4", "--out", "new"],
        ["generate", "drums", "--count", "many", "--out", "new"],
        ["morph"],
    ],
)
def test_the_check_would_notice(wrong: list[str]) -> None:
    with pytest.raises(Exception, match=r"scna|cuont|valid integer|instrument"):
        parse(wrong)
