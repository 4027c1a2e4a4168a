"""The models as a user writes them out of words, and the lines that they take beside other packages."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import in_words
import numpy as np
import pytest
from kron import REFERENCE
from lines import WIDTH, sizes_of
from small_models import CASES

import nqx_graph as sym

TESTS = Path(__file__).resolve().parents[1]
READY = "ready_made_"


@pytest.mark.parametrize("model", CASES)
def test_out_of_words_a_model_is_the_one_that_is_ready_made(model: str) -> None:
    case = CASES[model]
    hilbert = case.hilbert(sym.hilbert)
    ready = getattr(sym.models, model)(hilbert, *case.given, **case.couplings)
    written = getattr(in_words, model)(hilbert, *case.rows, **case.couplings)
    expected = ready.compile(cache=False, options=REFERENCE).to_dense()
    np.testing.assert_allclose(written.compile(cache=False, options=REFERENCE).to_dense(), expected, atol=1e-12, rtol=0)


def call_of(model: str) -> str:
    """The call of a model of the package with all its couplings given."""
    taken = inspect.signature(getattr(sym.models, model)).parameters.values()
    given = [p.name if p.default is p.empty else f"{p.name}={p.name}" for p in taken if p.name != "dtype"]
    return f"operator = sym.models.{model}({', '.join(given)})"


def test_a_model_that_is_ready_made_is_one_line() -> None:
    assert all(len(call_of(model)) <= WIDTH for model in sym.models.__all__)


def test_the_table_of_lines_is_counted() -> None:
    files = ("models/in_words.py", "integrations/beside_netket.py", "bench/beside_nkdsl.py")
    counted = ours, netket, nkdsl = [sizes_of(TESTS / file) for file in files]
    page = (TESTS.parent / "docs/howto/write_in_words.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+|–) \| (\d+) \| (\d+) \| (\d+) ?[¹²]* \|", page, re.M)
    assert sorted(row[0] for row in rows) == sorted(sym.models.__all__) == sorted(CASES)
    for name, *told in rows:
        shipped, _ = netket.get(READY + name, ("–", 0))
        assert told == [str(count) for count in (1, shipped, ours[name][0], netket[name][0], nkdsl[name][0])], name
    sums = [sum(sizes[name][1] for name in CASES) for sizes in counted]
    assert "{} here, {} with NetKet, {} with nkDSL".format(*sums) in page
