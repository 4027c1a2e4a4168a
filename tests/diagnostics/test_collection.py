"""A sequence that finds late, shows what is severe enough, and prints."""

import pickle

import pytest

import nqx_graph as sym
from nqx_graph.diagnostics import Diagnostic, Diagnostics, at_least
from nqx_graph.errors import OptionError, OptionTypeError

INFO = Diagnostic("NQX004", "info", "It is there twice.", "Leave one out.")
WARNING = Diagnostic(
    "NQX006", "warning", "It leaves <0>.", "Guard it.", term="t & u", position=2, emission=1, tag="up", row=3, terms=4,
    line="update:    x'[i] = (x'[i] + 1)", span=(11, 30), facts={"active": 2},
)  # fmt: skip
ERROR = Diagnostic("NQX001", "error", "It is wrong.", "Mend it.", term="t", position=0)


def test_the_worst_come_first_and_what_is_not_severe_is_hidden():
    found = Diagnostics([INFO, WARNING, ERROR])
    assert list(found) == [ERROR, WARNING] and found[0] is ERROR and found[-1:] == (WARNING,)
    assert found.codes == ("NQX001", "NQX006")
    assert found.summary == "1 error, 1 warning (1 below 'warning' not shown)"
    assert list(found.at_least("info")) == [ERROR, WARNING, INFO]
    assert found.at_least("error").codes == ("NQX001",)
    assert Diagnostics([]).summary == "none" and not Diagnostics([])


def test_they_are_found_once_and_when_they_are_looked_at():
    calls = []
    found = Diagnostics(lambda: calls.append(1) or [WARNING, WARNING])
    assert calls == []
    assert len(found) == 2 and found.summary == "2 warnings" and found.codes == ("NQX006",)
    assert calls == [1]


def test_they_are_compared_and_pickled_by_what_they_hold():
    found = Diagnostics(lambda: [WARNING])
    assert found == Diagnostics([WARNING]) != Diagnostics([ERROR])
    assert found != Diagnostics([WARNING], "error") and found != [WARNING]
    copied = pickle.loads(pickle.dumps(found))
    assert copied == found and copied[0].facts["active"] == 2


def test_as_text():
    assert str(Diagnostics([WARNING])).splitlines() == [
        "diagnostics: 1 warning",
        "",
        "warning NQX006 in term #2 't & u', emission #1 ('up'), row 3 and 3 more",
        "  update:    x'[i] = (x'[i] + 1)",
        "             ^^^^^^^^^^^^^^^^^^^",
        "  It leaves <0>. Guard it.",
    ]
    assert str(INFO) == "info NQX004 in the operator: It is there twice. Leave one out."
    assert repr(Diagnostics([INFO])) == "<Diagnostics: none (1 below 'warning' not shown)>"


def test_in_a_notebook_the_part_is_marked_and_what_is_written_is_escaped():
    html = Diagnostics([WARNING])._repr_html_()
    assert "update:    <mark>x&#x27;[i] = (x&#x27;[i] + 1)</mark>" in html
    assert "t &amp; u" in html and "It leaves &lt;0&gt;." in html and "<td" in html
    assert Diagnostics([])._repr_html_() == "<p>diagnostics: none</p>"
    assert "<mark>" not in Diagnostics([ERROR])._repr_html_()


def test_severities_are_ordered():
    order = [at_least(a, b) for a in ("info", "warning", "error") for b in ("info", "warning", "error")]
    assert order == [True, False, False, True, True, False, True, True, True]
    with pytest.raises(ValueError, match="severity"):
        Diagnostic("NQX001", "grave", "It is.", "Mend it.")


def test_diagnose_refuses_what_it_cannot_look_at():
    operator = sym.DOperator(sym.hilbert.Qubit(2)).for_each_site("i").emit().build()
    with pytest.raises(OptionError, match="Did you mean 'warning'"):
        sym.diagnose(operator, min_severity="warnings")
    with pytest.raises(OptionTypeError, match="takes a symbolic operator"):
        sym.diagnose(operator.compile())
    with pytest.raises(OptionTypeError, match="options must be"):
        sym.diagnose(operator, options={"optimize": True})
