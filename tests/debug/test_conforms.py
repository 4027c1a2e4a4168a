"""Declared types against values: generics, unions, and what cannot be told."""

import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.debug.conforms import mismatch


class Shown(typing.Protocol):
    def show(self) -> str: ...


class Fields(typing.TypedDict):
    a: int


T = typing.TypeVar("T")
B = typing.TypeVar("B", bound=int)
Site = typing.NewType("Site", int)


@pytest.mark.parametrize(
    ("value", "declared"),
    [
        (3, Any),
        (3, object),
        (3, int),
        (True, int),
        (3, float),
        (3, complex),
        (None, None),
        (None, type(None)),
        (None, SymbolicCacheKey | None),
        (3, int | str),
        ("a", typing.Union[int, str]),  # noqa: UP007 (the other kind of union)
        ({"a": 1}, dict),
        ({"a": 1}, dict[str, int]),
        ({}, dict[str, int]),
        ({"a": 1}, Mapping[str, float]),
        ((1, 2), tuple[int, ...]),
        ((), tuple[int, ...]),
        ((1, "a"), tuple[int, str]),
        (((1, 2), (3,)), tuple[tuple[int, ...], ...]),
        ([1], list[int]),
        ("abc", Sequence[str]),
        ({1}, set[int]),
        (frozenset({1}), frozenset[int]),
        ([1], Iterable[int]),
        (len, Callable[[Any], int]),
        ("a", typing.Literal["a", "b"]),
        (3, typing.Annotated[int, "sites"]),
        (int, type[int]),
        (3, T),
        (3, B),
        (3, Site),
        (3, "a forward reference"),
        (3, Shown),
        ({"a": "no"}, Fields),
        (np.arange(3), np.ndarray),
    ],
    ids=str,
)
def test_fits(value, declared):
    assert mismatch(value, declared, "it") is None


@pytest.mark.parametrize(
    ("value", "declared", "text"),
    [
        ("a", int, "it is a str, not a int"),
        (3.0, int, "it is a float, not a int"),
        (np.int64(3), int, "it is a int64, not a int"),
        (None, int, "it is a NoneType, not a int"),
        (3, None, "it is a int, not a None"),
        (3, SymbolicCacheKey | None, "it is a int, not a nqx_graph.cache.key.SymbolicCacheKey | None"),
        ([1], tuple, "it is a list, not a tuple"),
        ({"a": "b"}, dict[str, int], "it['a'] is a str, not a int"),
        ({1: 1}, dict[str, int], "the key 1 of it is a int, not a str"),
        ((1, 2.5), tuple[int, ...], "it[1] is a float, not a int"),
        ((1,), tuple[int, str], "it has 1 entries, not 2"),
        (((1, "a"),), tuple[tuple[int, ...], ...], "it[0][1] is a str, not a int"),
        ([1, "a"], list[int], "it[1] is a str, not a int"),
        ({"a"}, set[int], "the entry 'a' of it is a str, not a int"),
        ({"a": [1.5]}, dict[str, list[int]] | None, "it['a'][0] is a float, not a int"),
        ("c", typing.Literal["a", "b"], "it is 'c', not one of 'a', 'b'"),
        (1, typing.Literal[True], "it is 1, not one of True"),
        ("a", B, "it is a str, not a int"),
        ("a", Site, "it is a str, not a int"),
        (3, type[int], "it is a int, not a type[int]"),
        (3, Callable[[], int], "it is a int, not a collections.abc.Callable[[], int]"),
    ],
    ids=str,
)
def test_does_not_fit(value, declared, text):
    assert mismatch(value, declared, "it") == text
