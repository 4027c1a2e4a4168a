"""Updates: how x becomes x', one step after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nqx_graph.dsl.selectors import site_expression
from nqx_graph.errors import DefinitionError, ExpressionError
from nqx_graph.ir.expr import as_amplitude, as_predicate
from nqx_graph.ir.types import UpdateOp, UpdateProgram


class _Chain:
    """A method of `Update` that starts a chain on the class and goes on with one on an update."""

    def __init__(self, build: Callable[..., UpdateOp]) -> None:
        self.build = build
        self.__doc__ = build.__doc__
        self.__name__ = build.__name__

    def __get__(self, update: Update | None, owner: type[Update]) -> Callable[..., Update]:
        before: tuple[UpdateOp, ...] = update.program.ops if update is not None else ()

        def chained(*args: Any, **kwargs: Any) -> Update:
            return Update(UpdateProgram((*before, self.build(*args, **kwargs))))

        chained.__doc__ = self.__doc__
        chained.__name__ = self.__name__
        return chained


class Update:
    """An immutable chain of steps. ``Update.shift("i", 1)`` and ``shift("i", 1)`` both start one."""

    __slots__ = ("program",)
    program: UpdateProgram

    def __init__(self, program: UpdateProgram | None = None) -> None:
        object.__setattr__(self, "program", program or UpdateProgram())

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"an update cannot change; {name!r} was to be set. Every step returns a new update.")

    def __reduce__(self) -> tuple[Any, ...]:
        return Update, (self.program,)

    def __repr__(self) -> str:
        from nqx_graph.ir.text import update_text

        return f"<update {update_text(self.program)}>"

    @_Chain
    def write(site: Any, value: Any) -> UpdateOp:  # noqa: N805
        """x'[site] = value."""
        return UpdateOp("write", {"site": site_expression(site), "value": as_amplitude(value).sealed()})

    @_Chain
    def shift(site: Any, delta: Any) -> UpdateOp:  # noqa: N805
        """x'[site] = x'[site] + delta."""
        return UpdateOp("shift", {"site": site_expression(site), "delta": as_amplitude(delta).sealed()})

    @_Chain
    def shift_mod(site: Any, delta: Any) -> UpdateOp:  # noqa: N805
        """x'[site] = (x'[site] + delta - m) mod (n·q) + m, for local states m, m + q, …, m + (n-1)·q."""
        return UpdateOp("shift_mod", {"site": site_expression(site), "delta": as_amplitude(delta).sealed()})

    @_Chain
    def affine(site: Any, scale: Any = 1, bias: Any = 0) -> UpdateOp:  # noqa: N805
        """x'[site] = scale · x'[site] + bias."""
        return UpdateOp(
            "affine",
            {"site": site_expression(site), "scale": as_amplitude(scale).sealed(), "bias": as_amplitude(bias).sealed()},
        )

    @_Chain
    def swap(a: Any, b: Any) -> UpdateOp:  # noqa: N805
        """Exchange two sites of x'; nothing where they are one."""
        return UpdateOp("swap", {"sites": (site_expression(a), site_expression(b))})

    @_Chain
    def permute(*sites: Any) -> UpdateOp:
        """x'[a], x'[b], …, x'[z] = x'[b], x'[c], …, x'[a], all read before any is written."""
        return UpdateOp("permute", {"sites": tuple(map(site_expression, sites))})

    @_Chain
    def scatter(indices: Iterable[Any], values: Iterable[Any]) -> UpdateOp:  # noqa: N805
        """x'[indices[k]] = values[k], one after another."""
        sites = tuple(map(site_expression, _items(indices, "indices")))
        written = tuple(as_amplitude(value).sealed() for value in _items(values, "values"))
        if len(sites) != len(written):
            raise DefinitionError(
                f"scatter was given {len(sites)} sites and {len(written)} values; give one value a site."
            )
        return UpdateOp("scatter", {"sites": sites, "values": written})

    @_Chain
    def flip(column: str) -> UpdateOp:  # noqa: N805
        """Sites where the column [M, N] of 0 and 1 has a 1 change between their two local states."""
        if not isinstance(column, str):
            raise ExpressionError(f"flip takes the name of a column, as text; it was given {column!r}.")
        return UpdateOp("flip", {"column": column})

    @_Chain
    def cond(predicate: Any, if_true: Any = None, if_false: Any = None) -> UpdateOp:  # noqa: N805
        """One of two updates; the predicate is evaluated in the source x. A missing side is the identity."""
        sides = {"if_true": _program(if_true, "if_true"), "if_false": _program(if_false, "if_false")}
        return UpdateOp("cond", {"predicate": as_predicate(predicate).sealed(), **sides})

    @_Chain
    def invalidate(reason: str = "") -> UpdateOp:  # noqa: N805
        """This branch does not exist; inside ``cond`` only where that side is taken."""
        if not isinstance(reason, str):
            raise ExpressionError(f"the reason of invalidate must be text; it is {reason!r}.")
        return UpdateOp("invalidate", {"reason": reason})


def _items(values: Any, what: str) -> list[Any]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ExpressionError(f"the {what} of scatter must be a sequence; they are {values!r}.")
    return list(values)


def _program(update: Any, side: str) -> UpdateProgram:
    if update is None:
        return UpdateProgram()
    return as_update(update, f"{side} of cond").program


def as_update(update: Any, where: str) -> Update:
    """The update itself, or that of calling ``identity``.

    Raises:
        ExpressionError: for anything that is no update.
    """
    if isinstance(update, Update):
        return update
    if update is identity:
        return Update()
    raise ExpressionError(
        f"{where} must be an update such as sym.shift('i', 1); it is {update!r}, a {type(update).__name__}."
    )


def identity() -> Update:
    """x' = x."""
    return Update()


write, shift, shift_mod, affine = Update.write, Update.shift, Update.shift_mod, Update.affine
swap, permute, scatter, flip = Update.swap, Update.permute, Update.scatter, Update.flip
cond, invalidate = Update.cond, Update.invalidate
