"""Amplitudes: computed in the operator's dtype, with the branch's mask going down the tree.

Where a branch is excluded its amplitude must reach neither result nor gradient. Selecting the result is not enough: the
gradient of ``where(mask, 1 / n, 0)`` at n = 0 is 0 · ∞ = NaN. So every operation that could be undefined or overflow
gets 1 for its operands where the mask is false, and then value and derivative are finite there. The mask of a side of
`sym.where` is that of the whole, and-ed with the side's condition; a line with several users is needed where any of them
is.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nqx_graph.ir.functions import CALL
from nqx_graph.ir.table import Row
from nqx_graph.kernel.env import Array, Env
from nqx_graph.kernel.exact import _NUMERIC, ExactValues
from nqx_graph.kernel.functions import called
from nqx_graph.kernel.structure import Lines
from nqx_graph.kernel.target import Target

# neither undefined nor overflowing for finite operands in a way that a derivative would see
_HARMLESS = ("add", "sub", "neg", "conj", "abs", "select", "wrap_mod")
_ALWAYS = None  # the mask that is true everywhere
Mask = Any


def amplitude(lines: Lines, env: Env, target: Target, mask: Mask) -> Array:
    """<x|O|x'> where the mask holds, something finite elsewhere (unless a leaf is not). Broadcasts to [..., M]."""
    exact = ExactValues(lines, env, target)
    masks = _masks(lines, exact, mask)
    values: dict[int, Array] = {}
    for line in sorted(masks):
        row = lines.rows[line]
        values[line] = _leaf(row, env, target) if not row.args else _operation(lines, line, values, masks[line], exact)
    return values[lines.root]


def _masks(lines: Lines, exact: ExactValues, mask: Mask) -> dict[int, Mask]:
    """The lines that are needed, each with where it is needed; users come before what they use."""
    masks: dict[int, Mask] = {lines.root: mask}
    for line in range(lines.root, -1, -1):
        if line not in masks:
            continue
        row = lines.rows[line]
        if row.op == "select":
            condition = exact.line(row.args[0])
            _need(masks, row.args[1], condition if masks[line] is _ALWAYS else masks[line] & condition)
            _need(masks, row.args[2], ~condition if masks[line] is _ALWAYS else masks[line] & ~condition)
        elif row.op == "pow" and _literal_exponent(lines, row) is not None:
            _need(masks, row.args[0], masks[line])
        else:
            for arg in row.args:
                _need(masks, arg, masks[line])
    return masks


def _need(masks: dict[int, Mask], line: int, mask: Mask) -> None:
    if line not in masks:
        masks[line] = mask
    elif masks[line] is not _ALWAYS and masks[line] is not mask:
        masks[line] = _ALWAYS if mask is _ALWAYS else masks[line] | mask


def _literal_exponent(lines: Lines, row: Row) -> int | float | complex | None:
    exponent = lines.rows[row.args[1]]
    return exponent.data[1] if exponent.op == "const" else None


def _leaf(row: Row, env: Env, target: Target) -> Array:
    if row.op == "const":
        return env.numbers[row.data[0]]
    if row.op == "read":
        return env.read(row.data[0]).astype(env.dtype)
    if row.op == "target":
        return target.read(row.data[0]).astype(env.dtype)
    if row.op == "index":
        return env.site(row.data[0]).astype(env.dtype)
    if row.op == "symbol":
        return env.parameters[row.data[0]].astype(env.dtype)
    if row.op == "column":
        return env.column(row.data[0]).astype(env.dtype)
    return (env.dot if row.op == "dot" else env.prod)(row.data[0], env.dtype)


def _operation(lines: Lines, line: int, values: dict[int, Array], mask: Mask, exact: ExactValues) -> Array:
    row, env = lines.rows[line], exact.env
    if row.op == "select":
        return jnp.where(exact.line(row.args[0]), values[row.args[1]], values[row.args[2]])
    if row.op == CALL:
        return called(row, [values[arg] for arg in row.args], env.dtype, mask)
    one = jnp.ones((), env.dtype)
    guarded = mask is not _ALWAYS and row.op not in _HARMLESS
    given = [jnp.where(mask, values[arg], one) if guarded else values[arg] for arg in row.args if arg in values]
    if row.op == "abs":
        return jnp.abs(given[0]).astype(env.dtype)
    if row.op == "wrap_mod":
        # the real part: local states are real, and mod has no meaning for complex numbers
        real = given[0].real if jnp.iscomplexobj(given[0]) else given[0]
        return env.wrap(real, None).astype(env.dtype)
    if row.op == "pow":
        return _power(given, _literal_exponent(lines, row), env)
    return _NUMERIC[row.op](*given)


def _power(given: list[Array], exponent: int | float | complex | None, env: Env) -> Array:
    if exponent is None:
        return jnp.power(*given)
    if isinstance(exponent, int) and abs(exponent) <= 64:
        # exact for whole numbers, and its derivative at 0 is finite
        return jax.lax.integer_pow(given[0], exponent)
    return jnp.power(given[0], jnp.asarray(exponent, dtype=env.dtype))
