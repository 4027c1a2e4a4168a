"""The way back: for an update x' = U(x), the x that lead to a given x'.

An update whose steps can be undone one by one has one way back. Of any other the local states that its sites may have held
are tried, each as a branch that is there where U leads from them to x'.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import attrs

from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.kinds import INT, line_kinds
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Node
from nqx_graph.ir.types import UpdateOp, UpdateProgram
from nqx_graph.operators.coincidence import columns_read, key_of, source_reads
from nqx_graph.operators.folding import TRUE, constant
from nqx_graph.operators.substitution import Moved, read_of, rewritten
from nqx_graph.ranges.lines import Key

MOST_GUESSES = 64
_WITHIN = ("shift_mod", "swap", "permute", "flip")  # steps that leave local states to local states


@attrs.frozen(eq=False)
class WayBack:
    """An update that leads back, and where it does; ``moved`` is where it leads to, ``inside`` that this is a local state."""

    update: UpdateProgram
    moved: Moved
    where: Node
    inside: bool


def ways_back(update: UpdateProgram, there: Moved, back: Moved) -> Iterator[WayBack] | None:
    """Every way back; None where they are too many, or the local states are not known.

    Args:
        update: without conds, on rows on which the same sites coincide.
        there: a fresh `Moved` on these rows, to follow the update with.
        back: another.
    """
    undone = _undone(update, there)
    if undone is not None:
        back.run(undone)
        return iter([WayBack(undone, back, TRUE, False)])
    return _guesses(update, there)


def _undone(update: UpdateProgram, there: Moved) -> UpdateProgram | None:
    """The steps undone from the last to the first, where what they compute with is read from sites that stay as they are."""
    touched = {there.sites.first(key_of(site)) for op in update.ops for site in _sites(op)}
    made: list[UpdateOp] = []
    written: set[int] = set()
    wraps = True  # whether what is wrapped is a local state: then wrapping has one way back
    for op in update.ops:
        numbers = [there.sites.first(key_of(site)) for site in _sites(op)]
        step = _as_affine(op, there) if not written & set(numbers) else op
        if step.kind == "shift_mod" and not wraps and written & set(numbers):
            return None
        wraps &= step.kind in _WITHIN
        inverse = _inverse(step, numbers, there, touched, _turned(update, there))
        if inverse is None:
            return None
        written |= set(numbers)
        made.append(inverse)
    return UpdateProgram(made[::-1])


def _turned(update: UpdateProgram, there: Moved) -> set[int]:
    """Every site that a flip of the update touches on some row."""
    found: set[int] = set()
    for op in update.ops:
        if op.kind == "flip":
            found |= set((there.columns[op.params["column"]] != 0).any(axis=0).nonzero()[0].tolist())
    return found


def _sites(op: UpdateOp) -> tuple[Expr, ...]:
    if op.kind == "flip":
        return ()
    return op.params["sites"] if "sites" in op.params else (op.params["site"],)


def _as_affine(op: UpdateOp, there: Moved) -> UpdateOp:
    """A write of ± what the site holds, plus a number, in the words of `affine`."""
    if op.kind != "write" or not there.space.integer:
        return op
    line = there.folder.line(there.plain(op.params["value"]))
    site = op.params["site"]
    if line is None or line.read is None:
        return op
    (read,) = source_reads([AmplitudeExpr(line.read)])
    if there.sites.first(read) != there.sites.first(key_of(site)):
        return op
    return UpdateOp("affine", {"site": site, "scale": _expr(constant(line.a)), "bias": _expr(constant(line.b))})


def _inverse(op: UpdateOp, numbers: list[int], there: Moved, touched: set[int], turned: set[int]) -> UpdateOp | None:
    p, folder = op.params, there.folder
    if op.kind in ("flip", "swap"):
        return op
    if op.kind == "permute":
        return UpdateOp("permute", {"sites": p["sites"][::-1]}) if len(set(numbers)) == len(numbers) else None
    if op.kind in ("write", "scatter") or not there.space.integer:
        return None
    given = [p[name] for name in ("delta", "scale", "bias") if name in p]
    if not all(_settled(expr, there, touched | turned) for expr in given):
        return None
    nodes = [_whole(there.plain(expr)) for expr in given]
    if op.kind in ("shift", "shift_mod"):
        return UpdateOp(op.kind, {"site": p["site"], "delta": _expr(folder.node("neg", (nodes[0],)))})
    scale = nodes[0].data[0] if nodes[0].op == "const" else None
    if scale not in (1, -1):
        return None
    bias = folder.node("neg", (nodes[1],)) if scale == 1 else nodes[1]
    return UpdateOp("affine", {"site": p["site"], "scale": _expr(constant(int(scale))), "bias": _expr(bias)})


def _settled(expr: Expr, there: Moved, touched: set[int]) -> bool:
    """Whether an expression is a whole number that the update leaves as it is."""
    if columns_read([expr], "dot", "prod"):
        return False
    if any(there.sites.first(key) in touched for key in source_reads([expr])):
        return False
    return bool(line_kinds(expr.table, there.columns, there.space.integer, 0)[-1] == INT) or _is_unit(expr)


def _whole(node: Node) -> Node:
    """1.0 as 1."""
    return constant(int(node.data[0])) if node.op == "const" and type(node.data[0]) is float else node


def _is_unit(expr: Expr) -> bool:
    return len(expr.table) == 1 and expr.table[0].op == "const" and expr.table[0].data[0] in (1, -1, 0)


def _guesses(update: UpdateProgram, there: Moved) -> Iterator[WayBack] | None:
    if any(op.kind == "flip" for op in update.ops):
        return None
    keys: dict[int, Key] = {}
    for op in update.ops:
        for site in _sites(op):
            keys.setdefault(there.sites.first(key_of(site)), key_of(site))
    states = there.folder.states
    if not states or len(states) ** len(keys) > MOST_GUESSES:
        return None
    return _guessed(update, there, list(keys.values()), states)


def _guessed(update: UpdateProgram, there: Moved, keys: list[Key], states: tuple[int, ...]) -> Iterator[WayBack]:
    for guess in itertools.product(states, repeat=len(keys)):
        source = there.fresh()
        for key, state in zip(keys, guess, strict=True):
            source.put(key, constant(state))
        where = _leads_here(update, source, keys)
        if where.op == "truth" and not where.data[0]:
            continue
        ops = [
            UpdateOp("write", {"site": AmplitudeExpr.from_table(key), "value": _expr(constant(state))})
            for key, state in zip(keys, guess, strict=True)
        ]
        yield WayBack(UpdateProgram(ops), source, where, True)


def _leads_here(update: UpdateProgram, source: Moved, keys: list[Key]) -> Node:
    """Where the update leads from ``source`` to x."""
    folder, after = source.folder, source.fresh()
    for key in keys:
        after.put(key, source.read(key))

    def value(expr: Expr) -> Node:
        over = lambda op, name: source.over_sites(op, name, _as_it_is, folder.node)  # noqa: E731
        return rewritten(expr, source.read, source.read, over, folder.node)

    after.run(update, value)
    where = TRUE
    for key in keys:
        where = folder.node("and", (where, folder.node("eq", (after.read(key), read_of(key)))))
    return where


def _as_it_is(value: Node) -> Node:
    return value


def _expr(node: Node) -> AmplitudeExpr:
    return AmplitudeExpr(node).sealed()
