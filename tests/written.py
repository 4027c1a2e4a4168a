"""Operators of every update and every expression, on small spaces, that stay within the local states."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import nqx_graph as sym

s = sym.site
FOCK, SPIN, QUBIT = sym.hilbert.Fock(2, 2), sym.hilbert.Spin(1 / 2, 3), sym.hilbert.Qubit(3)
MASKS = [[1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 0]]


def on(space: Any, update: Any, where: Any = True, amplitude: Any = None, **columns: Any) -> Any:
    """One branch for every ordered pair of sites."""
    weight = s("i").index + 2 * s("j").index + 1 if amplitude is None else amplitude
    builder = sym.DOperator(space, "A").for_each_pair("i", "j", columns=columns).where(where)
    return builder.emit(update, amplitude=weight).build()


def masked(space: Any, update: Any, amplitude: Any = 1, where: Any = True, name: str = "M") -> Any:
    """One branch for every mask."""
    columns = {"m": MASKS, "w": [0.5, 2.0, -1.0, 3.0], "f": [[0.5, 2, -1], [1, 0, 3], [2, 2, 2], [0, 1, 0.25]]}
    builder = sym.DOperator(space, name).for_each("i", over=[0, 1, 2, 1], columns=columns).where(where)
    return builder.emit(update, amplitude=amplitude).build()


ni, nj = s("i").value, s("j").value
apart = s("i").index != s("j").index
UPDATES: dict[str, Callable[[], Any]] = {
    "identity": lambda: on(FOCK, sym.identity, where=ni > 0),
    "write a number": lambda: on(FOCK, sym.write("i", 1), where=nj != 1),
    "write a read": lambda: on(FOCK, sym.write("i", nj)),
    "write of floats": lambda: on(FOCK, sym.write("i", 2.0 - ni)),
    "shift": lambda: on(FOCK, sym.shift("i", 1), where=ni < 2),
    "hop": lambda: on(FOCK, sym.shift("i", -1).shift("j", 1), where=(ni > 0) & (nj < 2) & apart),
    "shift by a read": lambda: on(FOCK, sym.shift("i", nj), where=(ni + nj <= 2) & (nj <= 1) & (ni <= 1)),
    "shift_mod": lambda: on(FOCK, sym.shift_mod("i", 2)),
    "shift_mod by a read": lambda: on(FOCK, sym.shift_mod("i", nj).shift_mod("j", 1)),
    "affine": lambda: on(FOCK, sym.affine("i", scale=-1, bias=2)),
    "swap": lambda: on(FOCK, sym.swap("i", "j")),
    "permute": lambda: on(FOCK, sym.shift_mod("i", 1).permute("i", "j", 0)),
    "scatter": lambda: on(FOCK, sym.scatter(["i", "j"], [nj, 2 - ni])),
    "flat sites": lambda: on(FOCK, sym.shift_mod(1 - s("i").index, 1).write(0, nj)),
    "cond": lambda: on(FOCK, sym.cond(ni == 0, sym.write("j", 2), sym.swap("i", "j")).shift_mod("i", 1)),
    "invalidate": lambda: on(FOCK, sym.cond(ni == 0, sym.invalidate("none"), sym.shift("i", -1))),
}
FLIPS: dict[str, Callable[[], Any]] = {
    "spins": lambda: masked(SPIN, sym.flip("m"), sym.column("w") * s("i").value),
    "qubits": lambda: masked(QUBIT, sym.flip("m"), sym.column("w") + s("i").value),
    "twice": lambda: masked(SPIN, sym.flip("m").flip("m"), sym.column("w")),
}
ai, bi = s("a").value, s("b").value


def reader(amplitude: Any, where: Any = True, update: Any = sym.identity, space: Any = FOCK) -> Any:
    """One branch for every ordered pair of sites, with columns to read."""
    pairs = list(itertools.product(range(space.size), repeat=2))
    columns = {
        "w": [0.5 + k for k in range(len(pairs))],
        "f": [[0.25 * k + site - 1 for site in range(space.size)] for k in range(len(pairs))],
        "k": [[(k + site) % 3 - 1 for site in range(space.size)] for k in range(len(pairs))],
        "m": [[(k >> site) & 1 for site in range(space.size)] for k in range(len(pairs))],
    }
    builder = sym.DOperator(space, "B").for_each(("a", "b"), over=pairs, columns=columns).where(where)
    return builder.emit(update, amplitude=amplitude).build()


READERS: dict[str, Callable[[Any], Any]] = {
    "sums": lambda space: reader(ai + 2 * bi * sym.source_index(0) - sym.column("w"), space=space),
    "jumps": lambda space: reader((ai + 1.5).sqrt() / (bi + 3) + sym.source_index(1).abs() ** 0.5, space=space),
    "choices": lambda space: reader(sym.where(ai > bi, 2 * ai, (bi + 2).log()) + sym.wrap_mod(ai + bi), space=space),
    "all sites": lambda space: reader(sym.dot("f") + 3 * sym.prod("m") + 1 / (sym.dot("k") + 9), space=space),
    "where": lambda space: reader(1 + ai, (sym.dot("k") >= 0) & (sym.prod("m") != 0) & (ai <= bi), space=space),
    "updates": lambda space: reader(sym.emitted("a").value + 3 * sym.target_index(1), bi != 0, sym.write("a", bi), space),
}  # fmt: skip
