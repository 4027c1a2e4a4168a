"""The leaves of expressions: sites, symbols, columns, flat reads."""

from __future__ import annotations

from typing import Any

from nqx_graph.errors import ExpressionError, FieldError
from nqx_graph.ir.expr import AmplitudeExpr, apply, as_amplitude, as_predicate, leaf
from nqx_graph.ir.scalars import as_number
from nqx_graph.ir.table import Node


class SiteSelector(AmplitudeExpr):
    """A labelled site of the source configuration; it stands for its value wherever a number is needed."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """The label it was made with."""
        return str(self.node.data[0])

    @property
    def value(self) -> AmplitudeExpr:
        """The value x[label] of the site in the source configuration."""
        return leaf("site", self.label)

    @property
    def index(self) -> AmplitudeExpr:
        """The flat number of the site."""
        return leaf("index", self.label)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise FieldError(f"site({self.label!r}) has no field {name!r}; it has 'value' and 'index'.")

    def __repr__(self) -> str:
        return f"site({self.label!r})"


class EmittedSelector(AmplitudeExpr):
    """A labelled site of the emitted configuration x', after the whole update; for amplitudes only."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """The label it was made with."""
        return str(self.node.data[0])

    @property
    def value(self) -> AmplitudeExpr:
        """The value x'[label] of the site in the emitted configuration."""
        return leaf("emitted", self.label)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise FieldError(
            f"emitted({self.label!r}) has no field {name!r}; it has 'value'. Its number is site(...).index."
        )

    def __repr__(self) -> str:
        return f"emitted({self.label!r})"


def _label(label: object, caller: str) -> str:
    if isinstance(label, str) and label:
        return label
    raise ExpressionError(
        f"{caller} takes the label of a site, as text; it was given {label!r}. A flat site number is read with "
        "source_index(k) or target_index(k)."
    )


def site(label: str) -> SiteSelector:
    """The labelled site: ``site("i").value`` is x[i], ``site("i").index`` its number."""
    return SiteSelector(Node("site", (), (_label(label, "site"),)))


def emitted(label: str) -> EmittedSelector:
    """The labelled site after the update: ``emitted("i").value`` is x'[i]; for amplitudes only."""
    return EmittedSelector(Node("emitted", (), (_label(label, "emitted"),)))


def symbol(name: str, default: Any = None, doc: str = "") -> AmplitudeExpr:
    """A free parameter, given a value at run time by ``compiled.with_parameters(name=value)``.

    Args:
        name: an identifier, so that it can be a keyword.
        default: the value where none is given; without one a value must be given before the first call.
        doc: what it is, for readers.
    """
    if not (isinstance(name, str) and name.isidentifier()):
        raise ExpressionError(f"symbol takes a name that can be a keyword; it was given {name!r}.")
    if not isinstance(doc, str):
        raise ExpressionError(f"the doc of symbol({name!r}) must be text; it is {doc!r}.")
    number = None if default is None else as_number(default)
    if number is None and default is not None:
        raise ExpressionError(f"the default of symbol({name!r}) must be a number; it is {default!r}.")
    return leaf("symbol", name, number, doc)


def column(name: str) -> AmplitudeExpr:
    """The number that a column of shape [M] has on this index row."""
    return leaf("column", _column(name, "column"))


def dot(name: str) -> AmplitudeExpr:
    """Σₖ m[row, k]·x[k] for a column m of shape [M, N]."""
    return leaf("dot", _column(name, "dot"))


def prod(name: str) -> AmplitudeExpr:
    """Πₖ x[k]^m[row, k] for a column m of shape [M, N] with entries 0 and 1."""
    return leaf("prod", _column(name, "prod"))


def _column(name: object, caller: str) -> str:
    if isinstance(name, str) and name:
        return name
    raise ExpressionError(f"{caller} takes the name of a column, as text; it was given {name!r}.")


def source_index(k: Any) -> AmplitudeExpr:
    """x at the flat site k: a whole number, or an integer expression of ``.index``."""
    return apply("source", site_expression(k))


def target_index(k: Any) -> AmplitudeExpr:
    """x' at the flat site k; for amplitudes only."""
    return apply("target", site_expression(k))


def where(predicate: Any, a: Any, b: Any) -> AmplitudeExpr:
    """``a`` where the predicate holds, else ``b``; the side not taken reaches neither result nor gradient."""
    return apply("select", as_predicate(predicate), as_amplitude(a), as_amplitude(b))


def wrap_mod(value: Any) -> AmplitudeExpr:
    """``(value - m) mod (n·q) + m``: wrapped into the local states m, m + q, …, m + (n-1)·q."""
    return apply("wrap_mod", as_amplitude(value))


def site_expression(site: Any) -> AmplitudeExpr:
    """The site number that a label, a selector, a whole number or an integer expression of ``.index`` stands for."""
    if isinstance(site, str):
        return leaf("index", _label(site, "a site"))
    if isinstance(site, SiteSelector | EmittedSelector):
        return leaf("index", site.label)
    expression = as_amplitude(site)
    if expression.node.op == "const" and not isinstance(expression.node.data[0], int):
        raise ExpressionError(f"a site number must be whole; it is {site!r}.")
    return expression
