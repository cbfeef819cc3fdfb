"""Pieces of longer sounds: where they lie, what they are called, which are held out."""

from hypothesis import given
from hypothesis import strategies as st

from timbrel.library import pieces

S1_PIECE_S = 262_144 / 22_050


@given(
    times=st.floats(0.01, 60),
    piece_s=st.floats(0.05, 300),
    skip_s=st.sampled_from([0.0, 5.0, 61.7]),
)
def test_pieces_follow_each_other_and_lie_within_the_sound(
    times: float, piece_s: float, skip_s: float
) -> None:
    duration_s = skip_s * (times > 1) + times * piece_s
    made = pieces.cut("f00d", "song.ogg", duration_s, piece_s=piece_s, skip_s=skip_s)
    assert len({piece.id for piece in made}) == len({piece.name for piece in made}) == len(made)
    assert all(pieces.place(piece.id) == ("f00d", piece.start_s) for piece in made)
    if made[0].id == "f00d":
        assert duration_s - skip_s < piece_s
        assert made == [pieces.Piece("f00d", "song.ogg", 0.0, min(duration_s, piece_s))]
        return
    starts_s = [piece.start_s for piece in made]
    for number, start_s in enumerate(starts_s):
        assert -0.0011 <= start_s - (skip_s + number * piece_s) <= 1e-6
    assert starts_s[-1] + piece_s <= duration_s + 1e-6 * piece_s
    assert starts_s[-1] + 2 * piece_s > duration_s - 0.002


def test_pieces_of_songs_are_named_as_a_player_shows_them() -> None:
    names = [p.name for p in pieces.cut("a", "b.ogg", 3700.0, piece_s=S1_PIECE_S, skip_s=5.0)]
    assert names[:3] == ["b.ogg 0:05", "b.ogg 0:16", "b.ogg 0:28"]
    assert names[-1] == "b.ogg 1:01:18"
    short = [p.name for p in pieces.cut("a", "b.ogg", 1.6, piece_s=0.5, skip_s=0.0)]
    assert short == ["b.ogg 0:00.000", "b.ogg 0:00.500", "b.ogg 0:01.000"]


def test_an_id_that_only_looks_like_a_piece_is_a_whole_sound() -> None:
    for id_ in ("a@", "@", "a@-5", "a@1.5", "a@x", ""):
        assert pieces.place(id_) == (id_, 0.0)


@given(count=st.integers(1, 400), seed=st.integers(0, 50))
def test_one_recording_is_held_out_in_one_block(count: int, seed: int) -> None:
    ids = [f"a@{number}" for number in range(count)]
    found = pieces.split(ids, seed=seed)
    assert list(found) == ids
    if count < 3:
        assert set(found.values()) == {"train"}
        return
    parts = "".join(part[:3] for part in found.values())
    each = max(1, round(count / 10))
    assert parts.count("val") == parts.count("tes") == each
    assert "val" * each + "tes" * each in parts


def test_another_seed_holds_other_pieces_out() -> None:
    ids = [f"a@{number}" for number in range(100)]
    assert len({tuple(pieces.split(ids, seed=seed).values()) for seed in range(20)}) > 10
