"""A compiler over a store on disk, some operators, and the entries that they leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import models
import numpy as np

import nqx_graph as sym
from nqx_graph.disk import DiskArtifactStore
from nqx_graph.hilbert import Fock, Spin

RING = [(0, 1), (1, 2), (2, 3), (3, 0)]


def operators() -> list[Any]:
    """Operators that take every kind of table: sums, columns, conds, symbols, promises, flips."""
    spin, fock, s = Spin(1 / 2, 4), Fock(2, 3), sym.site
    rng = np.random.default_rng(3)
    masks = rng.integers(0, 2, (5, 4))
    return [
        models.ising(spin, RING, 1.0, 0.5),
        models.heisenberg(spin, RING),
        models.bose_hubbard(fock, 2, [(0, 1), (1, 2)], 1.0, 2.0),
        sym.DOperator(spin, "strings")
        .for_each((), over=np.zeros((5, 0), int), columns={"m": masks, "w": rng.normal(size=5)})
        .emit(sym.flip("m"), amplitude=sym.column("w") * sym.prod("m"))
        .build(),
        sym.DOperator(fock, "conds", dtype="complex128")
        .for_each(("i", "j"), over=[(0, 1), (1, 2)])
        .emit_if(
            (s("i") > 0) & (s("j") < 2),
            sym.cond(s("i").value == s("j").value, sym.swap("i", "j"), sym.shift("i", -1).shift("j", 1)),
            amplitude=sym.symbol("t", default=0.5 + 0.25j) * s("i").value.sqrt(),
        )
        .emit(amplitude=sym.symbol("U", default=2.0) * s("i").value * s("i").value)
        .fanout(3)
        .build(),
    ]


def compiler(folder: Any, **options: Any) -> sym.SymbolicCompiler:
    """A compiler with an empty memory over the folder."""
    return sym.SymbolicCompiler(
        artifact_store=DiskArtifactStore(folder), options=sym.SymbolicCompilerOptions(**options)
    )


def entries(folder: Path) -> list[Path]:
    """The files of the entries."""
    return sorted(Path(folder).glob("*.nqx"))
