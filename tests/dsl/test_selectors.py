"""The leaves of expressions."""

from __future__ import annotations

from typing import Any

import pytest
from refusal import refused, shown

from nqx_graph.dsl import selectors as s
from nqx_graph.errors import ExpressionError, FieldError
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.table import Row


def test_a_site_has_a_value_an_index_and_a_label() -> None:
    site = s.site("i")
    assert site.value.table == (Row("site", (), ("i",)),)
    assert site.index.table == (Row("index", (), ("i",)),)
    assert site.label == "i"
    assert type(site.value) is AmplitudeExpr


def test_an_emitted_site_has_a_value() -> None:
    assert s.emitted("i").value.table == (Row("emitted", (), ("i",)),)
    assert s.emitted("i").label == "i"


def test_a_selector_stands_for_its_value() -> None:
    assert (s.site("i") + 1).same_as(s.site("i").value + 1)
    assert (s.site("i") == s.emitted("j")).same_as(s.site("i").value == s.emitted("j").value)
    assert s.where(s.site("i") > 0, s.site("i"), 0).same_as(s.where(s.site("i").value > 0, s.site("i").value, 0))
    assert s.site("i").sqrt().same_as(s.site("i").value.sqrt())


@pytest.mark.parametrize("field", ["val", "idx", "Value", "x", "label_"])
def test_an_unknown_field_is_refused_at_that_line(field: str) -> None:
    with refused(FieldError, "site('i')", repr(field), "'value'", "'index'"):
        getattr(s.site("i"), field)
    with refused(FieldError, "emitted('i')", repr(field), "'value'"):
        getattr(s.emitted("i"), field)


def test_emitted_has_no_index() -> None:
    with refused(FieldError, "emitted('i')", "'index'", "site(...).index"):
        s.emitted("i").index  # noqa: B018


@pytest.mark.parametrize("wrong", [0, None, "", 1.5, ("i",)], ids=shown)
def test_labels_and_names_are_text(wrong: Any) -> None:
    for read in (s.site, s.emitted):
        with refused(ExpressionError, repr(wrong), "source_index(k)"):
            read(wrong)
    for read, name in ((s.column, "column"), (s.dot, "dot"), (s.prod, "prod")):
        with refused(ExpressionError, f"{name} takes the name of a column", repr(wrong)):
            read(wrong)


def test_symbols() -> None:
    assert s.symbol("J").table == (Row("symbol", (), ("J", None, "")),)
    assert s.symbol("J", 1, "coupling").table == (Row("symbol", (), ("J", 1, "coupling")),)
    assert s.symbol("J", default=0.5, doc="d").table == (Row("symbol", (), ("J", 0.5, "d")),)
    assert s.symbol("θ").value.same_as(s.symbol("θ"))


@pytest.mark.parametrize("wrong", ["", "two words", "1a", 3, None, "a-b", ""], ids=shown)
def test_a_symbol_needs_a_name_that_can_be_a_keyword(wrong: Any) -> None:
    with refused(ExpressionError, "keyword", repr(wrong)):
        s.symbol(wrong)


def test_the_default_and_doc_of_a_symbol() -> None:
    for wrong in ("1", [1], s.site("i"), s.symbol("K"), object()):
        with refused(ExpressionError, "the default of symbol('J')", repr(wrong)):
            s.symbol("J", wrong)
    with refused(ExpressionError, "True", "number"):
        s.symbol("J", True)
    with refused(ExpressionError, "nan", "finite"):
        s.symbol("J", float("nan"))
    with refused(ExpressionError, "the doc of symbol('J')", "3"):
        s.symbol("J", 1.0, 3)


def test_flat_reads() -> None:
    assert repr(s.source_index(3)) == "x[3]"
    assert repr(s.source_index(s.site("i"))) == repr(s.source_index("i")) == "x[i]"
    assert repr(s.target_index(s.site("i").index + 1)) == "x'[(i + 1)]"
    for wrong in (1.5, 1.0, 2j):
        with refused(ExpressionError, "whole", repr(wrong)):
            s.source_index(wrong)
    for wrong in (None, [1], True):
        with refused(ExpressionError, repr(wrong)):
            s.target_index(wrong)


def test_where_and_wrap_mod() -> None:
    assert repr(s.where(False, 1, s.symbol("a"))) == "where(False, 1, $a)"
    assert repr(s.wrap_mod(3)) == "wrap_mod(3)"
    with refused(ExpressionError, "'a'"):
        s.wrap_mod("a")
    with refused(ExpressionError, "'a'"):
        s.where(True, 1, "a")
