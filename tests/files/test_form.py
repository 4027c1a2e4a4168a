"""The bytes of a file: whatever is done to them, the same operator comes back or none."""

from __future__ import annotations

import json
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from figures import figure
from refusal import refused

import nqx_graph as sym
from nqx_graph.errors import IRFormatError
from nqx_graph.files import form
from nqx_graph.files.operators import _operator
from nqx_graph.files.spaces import described

SPLICES = figure(2_000, 100_000)


def operator(weight: float = -0.5) -> Any:
    amplitude = sym.symbol("h", weight) * sym.column("w")
    builder = sym.DOperator(sym.hilbert.Fock(2, 2), "π", dtype="float64")
    return builder.for_each_site("i", columns={"w": [1.5, -2.0]}).emit(sym.shift("i", -1), amplitude=amplitude).build()


@lru_cache(maxsize=4)
def content(weight: float = -0.5) -> bytes:
    made = operator(weight)
    return form.pack({"hilbert": described(made.hilbert, with_form=True), "ir": made.to_ir().as_dict()})


@lru_cache(maxsize=4)
def data(weight: float = -0.5) -> bytes:
    return json.dumps(form.unpack(content(weight), "a"), sort_keys=True).encode()


def served(wrong: bytes) -> bool:
    """Whether the bytes load, and then as the operator that they were; any other outcome fails."""
    try:
        found = form.unpack(wrong, "a")
    except IRFormatError:
        return False
    assert json.dumps(found, sort_keys=True).encode() == data()
    return True


def test_what_is_whole_is_the_operator() -> None:
    assert served(content())
    assert _operator(content(), "a", None).to_ir().same_as(operator().to_ir())


def test_one_field_a_line_and_the_same_bytes_each_time() -> None:
    lines = content().decode("ascii").splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "{", '"format"', '"version"', '"written_by"', '"hilbert"', '"ir"', '"sha256"', "}"
    ]  # fmt: skip
    assert json.loads(content())["written_by"] == f"nqx_graph {sym.__version__}"


def test_cut_off_at_every_length() -> None:
    whole = content()
    assert [length for length in range(len(whole)) if served(whole[:length])] == [len(whole) - 1]  # the last line's end


def test_every_bit_flipped() -> None:
    whole, harmless = content(), 0
    for place in range(len(whole)):
        for bit in range(8):
            wrong = bytearray(whole)
            wrong[place] ^= 1 << bit
            harmless += served(bytes(wrong))
    assert 0 < harmless < len(whole) / 8  # white space that became another, and the case of \u03c0


def test_every_byte_left_out_doubled_or_zero() -> None:
    whole, harmless = content(), 0
    for place in range(len(whole)):
        for middle in (b"", whole[place : place + 1] * 2, b"\0", b"0"):
            wrong = whole[:place] + middle + whole[place + 1 :]
            harmless += served(wrong) and wrong != whole
    assert 0 < harmless < len(whole) / 2  # white space, and zeros after a decimal point


def test_parts_of_two_files_and_parts_moved() -> None:
    rng, whole, other = random.Random(3), content(), content(0.25)
    for _ in range(SPLICES):
        first, second = sorted(rng.sample(range(len(whole)), 2))
        for wrong in (
            whole[:first] + other[first:],
            whole[:first] + other[first:second] + whole[second:],
            whole[first:second] + whole[:first] + whole[second:],
            whole[:first] + whole[second:],
        ):
            try:
                found = json.dumps(form.unpack(wrong, "a"), sort_keys=True).encode()
            except IRFormatError:
                continue
            assert found in (data(), data(0.25))  # one of the two as a whole
            assert sum(number in wrong for number in (b"-0.5", b"0.25")) == 1


def test_a_file_laid_out_anew_is_the_same_file() -> None:
    found = json.loads(content())
    for text in (
        json.dumps(found, indent=4),
        json.dumps(dict(reversed(found.items()))),
        json.dumps(found, ensure_ascii=False),
    ):
        assert served(text.encode())
    assert served(b"\xef\xbb\xbf" + content())  # as some editors begin a file


@pytest.mark.parametrize(
    ("wrong", "fact"),
    [
        (b"", "is no operator that save() wrote"),
        (b"\x80\x04\x95pickle", "is no operator that save() wrote"),
        (b"\x93NUMPY\x01\x00", "is no operator that save() wrote"),
        (b"null", "its format is None, not 'nqx_graph.operator'"),
        (b"[1]", "its format is None"),
        (b'{"format": "nqx_graph.bundle", "version": 1}', "its format is 'nqx_graph.bundle'"),
        (b'{"format": "nqx_graph.operator"}', "no version None"),
        (b'{"format": "nqx_graph.operator", "version": true}', "no version True"),
        (b'{"format": "nqx_graph.operator", "version": 0}', "no version 0"),
        (b'{"format": "nqx_graph.operator", "version": 1}', "must have 'format', 'version'"),
        (b'{"format": "nqx_graph.operator", "format": "nqx_graph.operator"}', "gives a field twice"),
        (b'{"a": NaN}', "a bare NaN"),
        (b"[" * 100_000, "nested too deep"),
        (b"9" * 5_000, "is no operator that save() wrote"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_file_of_an_operator(wrong: bytes, fact: str) -> None:
    with refused(IRFormatError, "a.json", fact):
        form.unpack(wrong, "a.json")


def test_a_file_of_a_later_version_is_refused_in_a_sentence() -> None:
    later = b'{"format": "nqx_graph.operator", "version": 2, "written_by": "nqx_graph 7.0", "blocks": []}'
    with refused(IRFormatError, "written by nqx_graph 7.0 in version 2 of the format", "reads version 1", "upgrade"):
        form.unpack(later, "a.json")
    with refused(IRFormatError, "written by a later nqx_graph in version 99"):
        form.unpack(b'{"format": "nqx_graph.operator", "version": 99}', "a.json")


def test_a_number_beyond_all_numbers_is_damage() -> None:
    with refused(IRFormatError, "is damaged", "Out of range float"):
        form.unpack(content().replace(b"-0.5", b"1e999", 1), "a.json")
    with refused(IRFormatError, "changed by hand", "its SHA-256 is not the one that it states"):
        form.unpack(content().replace(b"-0.5", b"-0.25", 1), "a.json")


def test_this_version_is_read_for_good() -> None:
    """What changes the form has to count the version up and read this file too."""
    kept = Path(__file__).with_name("version_1.json").read_bytes()
    assert _operator(kept, "a", None).to_ir().same_as(operator().to_ir())
    assert json.loads(kept)["version"] == 1
