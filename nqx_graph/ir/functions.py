"""Functions that users add to expressions: what every layer knows of one, and where it finds it.

A line ``call[name, version, code](A…)`` of an expression names a function and says what it was when the expression was
written; ``code`` is a digest of all that it does. So another function of that name makes another fingerprint, another key
and another kernel, and an expression is never computed with a function that it was not written with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from nqx_graph.errors import ExpressionError, IRFormatError, nearest
from nqx_graph.ir.registry import Registry

if TYPE_CHECKING:
    from nqx_graph.ir.expr import AmplitudeExpr
    from nqx_graph.ir.table import Row

CALL = "call"
FLOAT, REAL, COMPLEX = "float", "real", "complex"
RESULTS = (FLOAT, REAL, COMPLEX)
Data = tuple[str, str, str]  # name, version ("" for none), code


@attrs.frozen(eq=False)
class ExpressionFunction:
    """A registered function; called with expressions or numbers it builds an expression.

    ``result`` says what it makes of real numbers: ``"float"`` real ones (and complex ones of complex ones), ``"real"`` real
    ones of whatever it is given, ``"complex"`` complex ones. ``safe`` are arguments at which it and its derivative are
    finite. What the rest is, `expression_function` says.
    """

    name: str
    n_args: int
    lower: Callable[..., Any] = attrs.field(repr=False)
    reference: Callable[..., Any] = attrs.field(repr=False)
    interval: Any = attrs.field(repr=False)
    result: str
    real_only: bool
    safe: tuple[float, ...]
    version: str
    code: str = attrs.field(repr=False)

    @property
    def data(self) -> Data:
        """What a line of an expression says of the function that it calls."""
        return self.name, self.version, self.code

    def __call__(self, *args: Any) -> AmplitudeExpr:
        """The expression of the function of these."""
        from nqx_graph.ir.expr import AmplitudeExpr, as_amplitude
        from nqx_graph.ir.table import Node

        if len(args) != self.n_args:
            raise ExpressionError(
                f"the expression function {self.name!r} takes {self.n_args} argument(s); it was given {len(args)}."
            )
        return AmplitudeExpr(Node(CALL, tuple(as_amplitude(arg).node for arg in args), self.data))

    def __reduce__(self) -> tuple[Any, ...]:
        return known, (self.data,)

    @np.errstate(all="ignore")
    def of_numbers(self, *args: Any) -> Any:
        """The reference implementation on NumPy scalars; NaN where it refuses them. Complex numbers are Python's, which
        functions of ``math`` refuse: of NumPy's they would take the real part.

        Raises:
            ExpressionError: where it does not take numbers of their kind, as functions of ``math`` take no complex ones.
        """
        if self.real_only:
            args = tuple(arg.real for arg in args)
        else:
            args = tuple(complex(arg) if isinstance(arg, np.complexfloating) else arg for arg in args)
        try:
            return self.reference(*args)
        except (ValueError, ArithmeticError):
            return math.nan
        except TypeError as cause:
            raise ExpressionError(
                f"the reference= of the expression function {self.name!r} does not take {', '.join(map(str, args))}: {cause}. "
                "Take a function of NumPy's, or say real_only=True."
            ) from cause


NAMES: Registry[ExpressionFunction] = Registry("expression function")
_CODES: Registry[ExpressionFunction] = Registry("expression function")


def register(function: ExpressionFunction, home: str, *, replace: bool) -> None:
    """Make a function known. Expressions that were written with one that it replaces keep theirs."""
    _CODES.add(function.code, function, function.code)  # first: who finds the name may look for the code
    NAMES.add(function.name, function, home, replace=replace)


@contextmanager
def restored() -> Iterator[None]:
    """Functions that are registered in the block are forgotten at its end."""
    with NAMES.restored(), _CODES.restored():
        yield


def known(data: tuple[Any, ...]) -> ExpressionFunction:
    """The function that a line of an expression calls.

    Raises:
        IRFormatError: naming what has to be registered.
    """
    found = _CODES.get(data[2]) if len(data) == 3 and isinstance(data[2], str) else None
    if found is None or found.data != data:
        raise _unknown(data)
    return found


def _unknown(data: tuple[Any, ...]) -> IRFormatError:
    if [type(entry) for entry in data] != [str, str, str]:
        return IRFormatError(f"a call names a function, its version and the digest of its code; it holds {data!r}.")
    name, version, _ = data
    said = f"the expression calls the function {name!r}, {_of(version)}"
    here = NAMES.get(name)
    if here is None:
        return IRFormatError(
            f"{said}, and no function of that name is registered in this process. Register it with "
            f"@sym.expression_function first.{nearest(name, NAMES.items())}"
        )
    if here.version != version:
        return IRFormatError(f"{said}; registered in this process is {_of(here.version)}. Register that one.")
    why = "it is known only in the process that registered it" if not version else "its code is another one"
    return IRFormatError(
        f"{said}; one of that name is registered here, but {why}. Write the operator anew, and give the function a version= "
        "of its own."
    )


def _of(version: str) -> str:
    return f"of version {version!r}" if version else "which has no version"


def adopted(data: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a line that was read from data says here: by its author's word a function of one name and version is one."""
    here = NAMES.get(data[0]) if len(data) == 3 and isinstance(data[0], str) else None
    return here.data if here is not None and data[1] and data[1] == here.version else data


def only_here(rows: Iterable[Row]) -> list[str]:
    """The functions without a version that lines call, which no other process can know."""
    return sorted({row.data[0] for row in rows if row.op == CALL and not row.data[1]})
