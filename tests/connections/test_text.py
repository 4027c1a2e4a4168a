"""Branches as a table, to the letter."""

from __future__ import annotations

import pytest

import nqx_graph as sym

s = sym.site
FOCK = sym.hilbert.Fock(2, N=3)


def hopping(hilbert=FOCK, name="hop"):
    size = hilbert.size
    rows = [(i, i + 1) for i in range(size - 1)]
    return (
        sym.DOperator(hilbert, name)
        .for_each(("i", "j"), over=rows)
        .where(s("i") > 0)
        .emit(sym.shift("i", -1).shift("j", +1), amplitude=-(s("i").value * (s("j").value + 1)).sqrt(), tag="right")
        .globally()
        .named("on-site")
        .emit(amplitude=0.5)
        .build()
    )


def test_a_table_a_physicist_can_read():
    assert str(hopping().explain([1, 0, 2])) == (
        "'hop' from x = [1, 0, 2]: 2 branches to 2 states\n"
        "\n"
        "term       row  sites     emission    x'                          <x|O|x'>\n"
        "---------  ---  --------  ----------  --------------------------  --------\n"
        "'0'          0  i=0, j=1  #0 'right'  x[0]: 1 -> 0, x[1]: 0 -> 1        -1\n"
        "'on-site'    0            #0          x' = x                           0.5"
    )


def test_remarks_have_a_column_where_there_is_one():
    assert str(hopping().explain([0, 1, 2])) == (
        "'hop' from x = [0, 1, 2]: 2 branches to 1 state; 1 with a remark\n"
        "\n"
        "term       row  sites     emission    x'                          <x|O|x'>  remark\n"
        "---------  ---  --------  ----------  --------------------------  --------  -------------------------------------------\n"
        "'0'          1  i=1, j=2  #0 'right'  x[1]: 1 -> 0, x[2]: 2 -> 3       nan  x'[2] = 3 is no local state; NaN instead of\n"
        "                                                                            -1.7320508\n"
        "'on-site'    0            #0          x' = x                           0.5"
    )


def test_no_branch_at_all():
    nothing = sym.DOperator(FOCK, "o").for_each_site("i").where(s("i") > 1).emit().build()
    assert str(nothing.explain([0, 1, 0])) == "'o' from x = [0, 1, 0]: 0 branches to 0 states"
    assert nothing.explain([0, 1, 0])._repr_html_().count("<tr>") == 1


@pytest.mark.parametrize(
    ("dtype", "amplitude", "text"),
    [
        ("float64", 1 / 3, "0.33333333"),
        ("float32", 0.4, "0.4"),
        ("bfloat16", 0.4, "0.4"),
        ("complex128", 0.25 - 1j, "0.25-1j"),
        ("complex64", 0.4j, "0+0.4j"),
        ("complex128", complex(-0.0, -0.15), "0-0.15j"),
        ("int64", 3, "3"),
    ],
)
def test_numbers_have_no_more_digits_than_their_dtype(dtype, amplitude, text):
    operator = sym.DOperator(FOCK, "o", dtype=dtype).globally().emit(amplitude=amplitude).build()
    assert str(operator.explain([0, 0, 0])).splitlines()[-1].split()[-1] == text


def test_many_branches_are_elided_and_counted():
    wide = sym.hilbert.Fock(2, N=50)
    found = hopping(wide).explain([1] * 48 + [2, 0])
    lines = str(found).splitlines()
    assert len(found) == 50
    assert lines[0].endswith("50 branches to 49 states; 1 with a remark")
    assert len(lines) == 3 + 1 + 40 + 1
    assert lines[-1] == "... and 10 more, 1 of them with a remark; iterate for all"


def test_a_notebook_marks_the_sites_that_change():
    html = hopping(name="<hop>").explain([1, 0, 2])._repr_html_()
    assert "&#x27;&lt;hop&gt;&#x27; from x = [1, 0, 2]" in html
    assert html.count("<tr>") == 3
    assert "<code>[<mark><b>0</b></mark>, <mark><b>1</b></mark>, 2]</code>" in html
    assert "<code>[1, 0, 2]</code>" in html
    wide = hopping(sym.hilbert.Fock(2, N=40)).explain([1] + [0] * 39)._repr_html_()
    assert "<code>" not in wide
    assert ">x[0]: 1 -&gt; 0, x[1]: 0 -&gt; 1</span>" in wide
