"""Names that users give to code."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from refusal import refused

from nqx_graph.errors import DefinitionError
from nqx_graph.ir.registry import Registry, checked_name, home


def test_names_are_had_by_who_came_first() -> None:
    registry: Registry[int] = Registry("thing")
    registry.add("b", 1, "module.f")
    registry.add("a", 2, "module.f")
    registry.add("b", 3, "module.f")
    assert (registry.get("b"), registry.get("c")) == (3, None)
    assert list(registry.items().items()) == [("a", 2), ("b", 3)]
    with refused(DefinitionError, "the thing 'b' of other.g", "module.f has that name", "replace=True"):
        registry.add("b", 4, "other.g")
    registry.add("b", 5, "other.g", replace=True)
    with refused(DefinitionError, "other.g has that name"):
        registry.add("b", 6, "module.f")
    assert registry.get("b") == 5


def test_a_block_is_undone_whatever_ends_it() -> None:
    registry: Registry[int] = Registry("thing")
    registry.add("a", 1, "module.f")
    with registry.restored():
        registry.add("a", 2, "module.f")
        with pytest.raises(ZeroDivisionError), registry.restored():
            registry.add("b", 3, "module.f")
            raise ZeroDivisionError
        assert registry.items() == {"a": 2}
    assert registry.items() == {"a": 1}


def test_where_code_was_written() -> None:
    assert home(test_where_code_was_written).endswith("test_registry.test_where_code_was_written")
    assert home(functools.partial(print)) == "functools.partial"


@pytest.mark.parametrize("name", [None, 3, "", "two words", "_own", "class", "1st"])
def test_what_is_no_name(name: Any) -> None:
    with refused(DefinitionError, "the name of the thing", "identifier", repr(name)):
        checked_name(name, "the thing", lambda given: False, "nothing")


def test_a_name_that_the_package_has() -> None:
    assert checked_name("mine", "the thing", "yours".__eq__, "yours") == "mine"
    with refused(DefinitionError, "the thing cannot be named 'yours', which is that of the package"):
        checked_name("yours", "the thing", "yours".__eq__, "that of the package")
