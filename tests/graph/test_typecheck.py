from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Optional

import pytest

from nqx_graph.graph.typecheck import accepts, annotations_of, type_text

if TYPE_CHECKING:
    from decimal import Decimal


@pytest.mark.parametrize(
    ("annotation", "declared", "expected"),
    [
        (int, int, True),
        (object, int, True),
        (Any, int, True),
        (int, Any, True),
        (int, bool, True),
        (bool, int, False),
        (dict, str, False),
        (float, int, True),
        (complex, float, True),
        (int, float, False),
        (dict[str, int], dict, True),
        (Mapping[str, int], dict[str, int], True),
        (list, tuple[int, ...], False),
        (int | None, int, True),
        (Optional[int], None, True),  # noqa: UP045 (both spellings are unions)
        (int, int | None, False),
        (int | str, str | int, True),
        (Callable[[int], int], dict, False),
        ("later", int, True),
    ],
)
def test_accepts(annotation, declared, expected):
    assert accepts(annotation, declared) is expected


def test_annotations_are_resolved_one_by_one():
    local = dict

    def read(text: str, amount: Decimal, where: local, rest):
        return local

    assert annotations_of(read) == {"text": str, "where": dict}
    assert annotations_of(len) == {}


def test_types_as_text():
    assert type_text(int) == "int"
    assert type_text(dict[str, int]) == "dict[str, int]"
