"""The bars of sizes are branches and slots of the terms."""

import models
import pytest

import nqx_graph as sym
from nqx_graph.errors import OptionTypeError
from nqx_graph.plotting import plot_sizes

FOCK = sym.hilbert.Fock(2, N=4)
n = sym.site("i")


def promising():
    return (
        sym.DOperator(FOCK, "o")
        .for_each_site("i")
        .where(n > 0)
        .emit()
        .named("alone")
        .fanout(2)
        .for_each_distinct_pair("i", "j")
        .emit()
        .emit(sym.swap("i", "j"))
        .build()
    )


def widths(ax):
    half = len(ax.patches) // 2
    return [bar.get_width() for bar in ax.patches[:half]], [bar.get_width() for bar in ax.patches[half:]]


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


@pytest.mark.parametrize("given", ["symbolic", "compiled", "artifact"])
def test_rows_times_emissions_and_what_is_promised(given):
    operator = promising()
    made = {
        "symbolic": operator,
        "compiled": operator.compile(),
        "artifact": sym.SymbolicCompiler().compile(operator),
    }
    ax = plot_sizes(made[given])
    assert widths(ax) == ([4, 24], [2, 24])
    assert labels(ax) == ["0: alone", "1"]
    assert [text.get_text() for text in ax.texts] == ["2 promised of 4", "24 (12 rows × 2 emissions)"]
    assert ax.get_title() == "'o': 26 slots"
    assert ax.get_xlim()[0] == 0


def test_merged_branches():
    spins = sym.hilbert.Spin(1 / 2, 4)
    operator = models.heisenberg(spins, [(0, 1), (1, 2), (2, 3)])
    fused = operator.compile(options=sym.SymbolicCompilerOptions(optimize=True))
    ax = plot_sizes(fused)
    assert widths(ax) == ([6], [6])
    assert ax.get_title() == "'heisenberg': 4 slots, merged from 6"


def test_of_many_terms_the_largest_and_the_rest():
    rows = [[(0,)] * (k % 7 + 1) for k in range(40)]
    builder = sym.DOperator(FOCK, "many")
    for own in rows:
        builder = builder.for_each(("i",), over=[(k % 4,) for k, _ in enumerate(own)]).emit()
    ax = plot_sizes(builder.build())
    assert len(labels(ax)) == 24
    assert labels(ax)[-1] == "17 others"
    outline, filled = widths(ax)
    assert sum(outline) == sum(filled) == sum(map(len, rows))
    shown = [int(label) for label in labels(ax)[:-1]]
    assert shown == sorted(shown)
    assert outline[:-1] == [len(rows[position]) for position in shown]
    assert min(outline[:-1]) >= max(len(own) for position, own in enumerate(rows) if position not in shown)


def test_anything_else():
    with pytest.raises(
        OptionTypeError, match=r"plot_sizes takes an operator or the artifact of one; it was given \[\]"
    ):
        plot_sizes([])
