"""Damage that knows how sound files are built: chunks, pages, frames, boxes, and their fields.

A file is cut where its own structure has joints. Then pieces are lost, doubled, swapped, cut short,
taken from another file, or one number in a piece is changed to one that has hurt programs before.
Check sums that would hide the damage from a decoder (Ogg pages, FLAC frame headers) are put right.
"""

import random
import re
import struct
from collections.abc import Callable, Sequence
from itertools import pairwise

Pieces = list[bytes]

_NUMBERS = (
    *(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 20, 24, 31, 32, 33, 36, 48, 63, 64, 65, 127, 128),
    *(255, 256, 257, 1000, 1023, 1024, 1025, 4096, 8000, 44_100, 65_534, 65_535, 65_536, 192_000),
    *(384_000, 2**24 - 1, 2**24, 2**28, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1),
    *(2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1),
)
_LARGEST_BYTES = 16_384
# Boxes of MP4 and chunks of CAF are found by their names, nested ones too.
_NAMED = re.compile(
    rb"....(?=ftyp|moov|mvhd|trak|tkhd|mdia|mdhd|hdlr|minf|smhd|dinf|stbl|stsd|mp4a|esds|stts|stsc"
    rb"|stsz|stco|co64|elst|edts|udta|mdat)|(?:desc|kuki|pakt|chan|data|free|info|fmt |SSND|COMM"
    rb"|VHDR|BODY|PEAK|fact|smpl|cue |LIST|bext|ds64|FVER|MARK|INST)",
    re.DOTALL,
)
_MPEG_FRAME = re.compile(rb"\xff[\xe0-\xff]")
_FLAC_FRAME = re.compile(rb"\xff[\xf8\xf9]")


def cut(content: bytes) -> Pieces:
    """Cuts a file at its joints; together the pieces are the file."""
    if content[:4] in (b"RIFF", b"RF64", b"RIFX"):
        return _at(content, _chunks(content, ">" if content[:4] == b"RIFX" else "<"))
    if content[:4] == b"FORM":
        return _at(content, _chunks(content, ">"))
    if content[:4] == b"fLaC":
        return _at(content, _flac(content))
    if content[:4] == b"OggS":
        return _at(content, [found.start() for found in re.finditer(b"OggS", content)])
    if content[4:8] == b"ftyp" or content[:4] == b"caff":
        return _at(content, [found.start() for found in _NAMED.finditer(content)])
    if content[:3] == b"ID3" or _MPEG_FRAME.match(content):
        return _at(content, [found.start() for found in _MPEG_FRAME.finditer(content)][:64])
    return _at(content, [24, 40, 64, 128])


def _at(content: bytes, places: Sequence[int]) -> Pieces:
    edges = sorted({0, len(content), *(place for place in places if place < len(content))})
    return [content[a:b] for a, b in pairwise(edges)]


def _chunks(content: bytes, order: str) -> list[int]:
    places, place = [], 12
    while place + 8 <= len(content) and len(places) < 64:
        places.append(place)
        (size,) = struct.unpack_from(f"{order}I", content, place + 4)
        place += 8 + size + size % 2
    return places


def _flac(content: bytes) -> list[int]:
    places, place = [], 4
    while place + 4 <= len(content):
        places.append(place)
        last, size = content[place] >> 7, int.from_bytes(content[place + 1 : place + 4], "big")
        place += 4 + size
        if last:
            break
    return [*places, *(found.start() for found in _FLAC_FRAME.finditer(content, place))][:64]


def damaged(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Damages a file in one place or a few.

    Args:
        content: The file.
        others: Files from which pieces may come.
        rng: Decides about all.

    Returns:
        The damaged file, of at most 16 KiB.
    """
    pieces = cut(content)
    whole_ones = set(map(id, pieces))
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
        if pieces:
            rng.choice(_WAYS)(pieces, others, rng)
    if rng.random() < 0.8:
        pieces = [one if id(one) in whole_ones else _summed(one) for one in pieces]
    whole = b"".join(pieces)
    if rng.random() < 0.15:
        whole = whole[: rng.randrange(len(whole) + 1)]
    return whole[:_LARGEST_BYTES]


def _lose(pieces: Pieces, _: Sequence[bytes], rng: random.Random) -> None:
    del pieces[rng.randrange(len(pieces))]


def _double(pieces: Pieces, _: Sequence[bytes], rng: random.Random) -> None:
    pieces.insert(rng.randrange(len(pieces) + 1), rng.choice(pieces))


def _swap(pieces: Pieces, _: Sequence[bytes], rng: random.Random) -> None:
    one, other = rng.randrange(len(pieces)), rng.randrange(len(pieces))
    pieces[one], pieces[other] = pieces[other], pieces[one]


def _shorten(pieces: Pieces, _: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(pieces))
    pieces[at] = pieces[at][: rng.randrange(len(pieces[at]) + 1)]


def _graft(pieces: Pieces, others: Sequence[bytes], rng: random.Random) -> None:
    foreign = cut(rng.choice(others))
    at = rng.randrange(len(pieces) + 1)
    pieces[at : at + rng.randrange(2)] = [rng.choice(foreign)] if foreign else []


def _number(pieces: Pieces, _: Sequence[bytes], rng: random.Random) -> None:
    """Changes one number among the first of a piece: its size, or a field of its content."""
    at = rng.randrange(len(pieces))
    piece, width = bytearray(pieces[at]), rng.choice((1, 2, 2, 4, 4, 4, 8))
    if len(piece) < width:
        return
    place = min(rng.choice((4, rng.randrange(64))), len(piece) - width)
    order = rng.choice(("little", "big"))
    there = int.from_bytes(piece[place : place + width], order)
    near = (there - 1, there + 1, there * 2, there // 2, there ^ (1 << rng.randrange(8 * width)))
    value = rng.choice((rng.choice(_NUMBERS), rng.choice(near))) % 2 ** (8 * width)
    piece[place : place + width] = value.to_bytes(width, order)
    pieces[at] = bytes(piece)


def _noise(pieces: Pieces, _: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(pieces))
    piece = bytearray(pieces[at])
    for _flips in range(rng.randrange(1, 9)):
        if piece:
            piece[rng.randrange(len(piece))] = rng.randrange(256)
    pieces[at] = bytes(piece)


def _long(pieces: Pieces, _: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(pieces))
    pieces[at] = (pieces[at] * rng.choice((2, 8, 64)))[:4096]


Way = Callable[[Pieces, Sequence[bytes], random.Random], None]
_WAYS: tuple[Way, ...] = (
    *(_number, _number, _number, _number, _noise, _lose),
    *(_double, _swap, _shorten, _graft, _long),
)


def _summed(piece: bytes) -> bytes:
    if piece[:4] == b"OggS" and len(piece) > 26:
        blank = piece[:22] + bytes(4) + piece[26:]
        return blank[:22] + struct.pack("<I", _crc(blank, 32)) + blank[26:]
    if len(piece) > 16 and _FLAC_FRAME.match(piece):
        end = _flac_header_end(piece)
        head = piece[:end] + bytes([_crc(piece[:end], 8)])
        body = head + piece[end + 1 : -2]
        return body + struct.pack(">H", _crc(body, 16))
    return piece


def _flac_header_end(frame: bytes) -> int:
    ones = next((n for n in range(8) if not frame[4] & (0x80 >> n)), 1)
    size, rate = frame[2] >> 4, frame[2] & 15
    return 4 + max(1, ones) + {6: 1, 7: 2}.get(size, 0) + {12: 1, 13: 2, 14: 2}.get(rate, 0)


def _table(bits: int, polynomial: int) -> list[int]:
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    values = []
    for start in range(256):
        value = start << (bits - 8)
        for _ in range(8):
            value = (value << 1) ^ polynomial if value & top else value << 1
        values.append(value & mask)
    return values


_TABLES = {bits: _table(bits, poly) for bits, poly in ((8, 0x07), (16, 0x8005), (32, 0x04C11DB7))}


def _crc(content: bytes, bits: int) -> int:
    table, shift, mask, value = _TABLES[bits], bits - 8, (1 << bits) - 1, 0
    for byte in content:
        value = ((value << 8) & mask) ^ table[(value >> shift) ^ byte]
    return value
