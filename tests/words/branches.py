"""What words become, as text."""

from __future__ import annotations

from typing import Any

import nqx_graph as sym

PAIRS = [(0, 1), (1, 2)]
SWAP = "(x[i] != x[j]) | swap(x'[i], x'[j])"


def branches(hilbert: Any, words: Any, rows: Any = PAIRS, dtype: Any = None, **columns: Any) -> list[str]:
    """Every branch of every term, as "when | how | with what"."""
    operator = sym.DOperator(hilbert, dtype=dtype).for_each(("i", "j"), over=rows, columns=columns).add(words).build()
    lines = [line.strip() for line in str(operator.to_ir()).splitlines()]
    made: list[str] = []
    for line in lines:
        if line.startswith("emit"):
            made.append("")
        for name in ("if:", "update:", "amplitude:"):
            if line.startswith(name):
                made[-1] += (" | " if made[-1] else "") + line.removeprefix(name).strip()
    return made
