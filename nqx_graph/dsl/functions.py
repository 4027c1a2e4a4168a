"""`expression_function`: adds a function to expressions."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

from nqx_graph.errors import DefinitionError, listed, nearest
from nqx_graph.graph.tokens import object_token
from nqx_graph.ir.code import code_digest
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.functions import COMPLEX, NAMES, RESULTS, ExpressionFunction, register
from nqx_graph.ir.registry import checked_name, home
from nqx_graph.ir.table import SIGNATURES

MONOTONE = ("rising", "falling")


def expression_function(
    name: str | None = None,
    *,
    reference: Callable[..., Any],
    version: str | None = None,
    interval: Any = None,
    result: str = "float",
    real_only: bool = False,
    safe: float | Sequence[float] = 1.0,
    arguments: int | None = None,
    replace: bool = False,
) -> Callable[[Callable[..., Any]], ExpressionFunction]:
    """Register a function of JAX arrays as one of expressions. A decorator; what it returns is called with expressions.

    The function works element by element and is traced: like every kernel it holds no ``lax.cond`` or ``scan``, and where
    it chooses it uses ``jnp.where``. Its arguments have the dtype of the operator, in predicates and updates the widest
    real one.

    Args:
        name: shown in texts, and what data calls it; the function's own where none is given.
        reference: the same function of NumPy scalars, for the reference interpreter and what rests on it. It should share
            no code with the other: where the two disagree, one of them is wrong.
        version: your word that the function is the same wherever a name and a version are, so that operators with it can
            be saved, and kept on disk. Where none is given they are for this process. Change it with the function.
        interval: what bounds the result for real, finite arguments. ``(low, high)``; ``"rising"`` or ``"falling"`` for a
            monotone function of one argument; or a function of a pair ``(low, high)`` for every argument that returns a
            pair, or None where the result may be NaN or infinite. Without it nothing is known of the result.
        result: ``"float"`` for real numbers of real ones and complex numbers of complex ones, ``"real"`` for real numbers of
            all, ``"complex"`` for complex numbers, which needs a complex operator.
        real_only: whether it takes real numbers only. Then complex expressions are refused, and in a complex operator it
            is given real parts.
        safe: where the function and its derivative are finite, one number or one an argument: excluded branches are
            evaluated there.
        arguments: how many there are, where that cannot be seen from the function.
        replace: whether it may take the place of a function of this name that other code registered.

    Raises:
        DefinitionError: for a name that expressions or other code have, and for arguments that cannot be right.
    """

    def register_one(lower: Callable[..., Any]) -> ExpressionFunction:
        what = f"the expression function {home(lower)}"
        wanted = getattr(lower, "__name__", None) if name is None else name
        checked = checked_name(wanted, what, _taken, "an operation of expressions")
        count = _count(lower, what) if arguments is None else arguments
        points = (float(safe),) * count if isinstance(safe, int | float) else tuple(map(float, safe))
        _check(what, reference, version, interval, result, count, points)
        form = (checked, count, interval, result, real_only, points, version)
        code = code_digest(lower, reference, *form)
        if not version:
            code = f"{code} {object_token(lower)}"
        made = ExpressionFunction(
            checked, count, lower, reference, interval, result, real_only, points, version or "", code
        )
        _check_safe(what, made)
        register(made, home(lower), replace=replace)
        return made

    return register_one


def expression_functions() -> dict[str, ExpressionFunction]:
    """The registered functions by name."""
    return NAMES.items()


def _taken(name: str) -> bool:
    return name in SIGNATURES or hasattr(AmplitudeExpr, name)


def _count(lower: Callable[..., Any], what: str) -> int:
    of_ufunc = getattr(lower, "nin", None)  # what ufuncs of JAX and NumPy say
    if isinstance(of_ufunc, int):
        return of_ufunc
    try:
        parameters = list(inspect.signature(lower).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [p for p in parameters if p.default is p.empty]
    if not required or any(p.kind not in kinds for p in required):
        raise DefinitionError(f"how many arguments {what} takes cannot be seen; give arguments=.")
    return len(required)


def _check(
    what: str, reference: Any, version: Any, interval: Any, result: Any, count: Any, safe: tuple[float, ...]
) -> None:
    if not callable(reference):
        raise DefinitionError(f"the reference= of {what} must be a function of NumPy scalars; it is {reference!r}.")
    if version is not None and not (isinstance(version, str) and version):
        raise DefinitionError(f"the version= of {what} must be text; it is {version!r}.")
    if result not in RESULTS:
        raise DefinitionError(
            f"the result= of {what} must be one of {listed(RESULTS)}; it is {result!r}.{nearest(str(result), RESULTS)}"
        )
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise DefinitionError(f"{what} must take at least one argument; arguments= is {count!r}.")
    if len(safe) != count:
        raise DefinitionError(f"{what} takes {count} argument(s), and safe= has {len(safe)}; give one for each.")
    if result == COMPLEX and interval is not None:
        raise DefinitionError(f"{what} gives complex numbers, which have no interval; leave interval= out.")
    if isinstance(interval, str) and (interval not in MONOTONE or count != 1):
        raise DefinitionError(
            f"the interval= of {what} is {interval!r}; text says that a function of one argument is 'rising' or 'falling'."
        )
    if not (interval is None or callable(interval) or isinstance(interval, str) or _is_pair(interval)):
        raise DefinitionError(
            f"the interval= of {what} must be a pair of finite numbers (low, high), 'rising', 'falling' or a function; it is "
            f"{interval!r}."
        )


def _is_pair(interval: Any) -> bool:
    if not isinstance(interval, tuple) or len(interval) != 2:
        return False
    low, high = interval
    return all(isinstance(end, int | float) and math.isfinite(end) for end in interval) and low <= high


def _check_safe(what: str, function: ExpressionFunction) -> None:
    """Refuse a function that is undefined where excluded branches are evaluated."""
    import numpy as np

    value = function.of_numbers(*map(np.float64, function.safe))
    if not np.isfinite(value):
        at = ", ".join(map(str, function.safe))
        raise DefinitionError(
            f"{what} is {value} at {at}, where excluded branches are evaluated; give safe= where it and its derivative are "
            "finite."
        )
