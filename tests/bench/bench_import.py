"""Whole processes that import the package and nothing else, beside the packages that it stands on."""

from __future__ import annotations

import subprocess
import sys

from measuring import Contender, interleaved
from page import Bar

SECTION = "Importing it"
STATEMENTS = {
    "import nqx_graph": "import nqx_graph",
    "every public name": "from nqx_graph import *",
    "an operator built": (
        "import nqx_graph as sym; "
        "sym.DOperator(sym.hilbert.Fock(2, N=3)).for_each_site('i').emit(amplitude=sym.site('i').value).build()"
    ),
    "an operator built and compiled": (
        "import nqx_graph as sym; "
        "sym.DOperator(sym.hilbert.Fock(2, N=3)).for_each_site('i').emit(amplitude=sym.site('i').value).build().compile()"
    ),
    "import jax, networkx": "import jax, networkx",
}


def test_import(benchmark, record_table):
    def process(statement):
        return Contender(lambda: subprocess.run([sys.executable, "-c", statement], check=True))

    times = interleaved(benchmark, {name: process(text) for name, text in STATEMENTS.items()}, rounds=15)
    bars = [Bar("`import nqx_graph`, a whole process", 1.2, ("import jax, networkx",))]
    record_table("Whole processes", times, bars=bars, note="Names are imported when they are first asked for.")
