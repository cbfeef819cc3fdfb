"""Every answer as a table, for programs of others."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from timbrel.evaluation.listening.found_choices import PLACES
from timbrel.evaluation.listening.judgements import Judgement
from timbrel.evaluation.listening.results import Listener
from timbrel.evaluation.listening.tokens import receipt_of

COLUMNS = (
    *("listener", "page", "question", "answer", "source", "role", "sound", "original"),
    *("other_source", "other_sound", "right", "plays", "seconds", "changes", "left_out"),
)
_OBEYED = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for a formula
Row = dict[str, object]


def as_csv(
    found: Sequence[Judgement], kept: Sequence[Judgement], listeners: Sequence[Listener]
) -> str:
    """Writes every answer, those too that the report leaves out.

    Args:
        found: All judgements.
        kept: Those that the report counts.
        listeners: Everybody, for what they said of no sound.

    Returns:
        CSV with a line of headings: one line an answer, of MUSHRA one line a rating. Words that a
        spreadsheet would take for a formula have an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    counted = {(one.listener, one.page) for one in kept}
    for one in found:
        left_out = "" if (one.listener, one.page) in counted else "yes"
        for row in _rows(one):
            writer.writerow(_harmless({**row, "left_out": left_out}))
    for listener in listeners:
        for question, said in (*listener.closing.items(), *listener.checks.items()):
            told = {"listener": receipt_of(listener.id), "question": question, "answer": said}
            writer.writerow(_harmless(told))
    return out.getvalue()


def _harmless(row: Row) -> Row:
    return {
        name: f"'{cell}" if isinstance(cell, str) and cell.startswith(_OBEYED) else cell
        for name, cell in row.items()
    }


def _rows(one: Judgement) -> Iterator[Row]:
    common: Row = {
        "listener": one.listener,
        "page": one.page,
        "seconds": round(one.seconds, 1),
        "changes": one.changes,
    }
    for question, answer in one.given.items():
        if question == "ratings":
            for place, rating in enumerate(answer):
                told = {"question": question, "answer": rating}
                yield {**common, **told, **_of(one, place)}
        elif len(one.sources) == 1:
            yield {**common, "question": question, "answer": answer, **_of(one, 0)}
        else:
            yield {**common, "question": question, **_choice(one, answer)}


def _of(one: Judgement, place: int) -> Mapping[str, object]:
    source = one.sources[place]
    return {
        "source": source.system,
        "role": source.role,
        "sound": source.name,
        "original": source.group,
        "plays": one.plays[place] if place < len(one.plays) else "",
    }


def _choice(one: Judgement, answer: str) -> Mapping[str, object]:
    """The chosen sound, and the other one."""
    place = PLACES[answer]
    other = one.sources[1 - place]
    return {
        **_of(one, place),
        "answer": answer,
        "other_source": other.system,
        "other_sound": other.name,
        "plays": "+".join(map(str, one.plays)),
        "right": "" if one.x is None else "yes" if one.x == place else "no",
    }
