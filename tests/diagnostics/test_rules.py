"""What single rules tell, and where they stop."""

import numpy as np
import pytest

import nqx_graph as sym

H, S = sym.hilbert, sym.site
FOCK = H.Fock(3, N=4)
N = S("i").value
BONDS = [(0, 1), (1, 2), (2, 3)]


def told(builder, severity="info", **options):
    found = sym.diagnose(
        builder.build() if hasattr(builder, "build") else builder,
        min_severity=severity,
        options=sym.SymbolicCompilerOptions(**options),
    )
    return [(one.code, one.severity, one.position, one.emission) for one in found]


def on(space=FOCK, **arguments):
    return sym.DOperator(space, "operator", **arguments)


# --- conditions


def test_a_chain_tells_of_a_condition_once_and_of_what_it_makes_unreachable():
    builder = on().for_each_site("i").emit_if(S("i") >= 0).emit_elseif(S("i") == 1, amplitude=2).emit_else(amplitude=3)
    assert told(builder) == [
        ("NQX002", "warning", 0, 0), ("NQX003", "warning", 0, 1), ("NQX003", "warning", 0, 2),
    ]  # fmt: skip


def test_a_term_whose_condition_never_holds_is_told_of_once():
    builder = on().for_each_site("i").where((S("i") > 1) & (S("i") < 1)).emit().emit(sym.shift("i", 1))
    assert told(builder) == [("NQX003", "warning", 0, None)]


def test_constants_that_are_written_as_such_are_meant():
    assert told(on().for_each_site("i").where(True).emit_if(S("i") > 0).emit_else(amplitude=2)) == []


def test_an_update_that_is_always_invalid_is_unreachable():
    update = sym.cond(S("i") > 1, if_true=sym.invalidate("too many"), if_false=sym.invalidate("too few"))
    assert told(on().for_each_site("i").emit(update)) == [("NQX003", "warning", 0, 0)]


def test_what_symbols_and_columns_may_change_is_not_constant():
    builder = on().for_each_site("i", columns={"on": np.zeros(4)})
    builder.where((sym.column("on") == 1) & (S("i").value < sym.symbol("most", 9))).emit()
    assert told(builder) == []


def test_alike_terms_are_told_of_once_in_the_words_of_the_first():
    builder = on()
    for site in range(4):
        builder.for_each("i", over=[site]).emit(amplitude=(site + 0.5) / N)
    (found,) = sym.diagnose(builder.build())
    assert (found.code, found.position, found.terms) == ("NQX005", 0, 4)
    assert found.line == "amplitude: (0.5 / x[i])" and "(0.5 / x[i]) divides by x[i]" in found.message
    assert found.place == "term #0 '0', emission #0 and 3 more"


# --- divisions


@pytest.mark.parametrize(
    ("amplitude", "codes"),
    [
        (1 / (N + 1), []),
        (N**-1, ["NQX005"]),
        ((N + 1) ** -1, []),
        (N**2, []),
        (sym.where(S("i") != 0, 1 / N, 0), []),
        (sym.where(S("i") == 0, 1 / N, 0), ["NQX005"]),
        (1 / sym.symbol("g", 2.0), []),
        (1 / sym.symbol("g", 0.0), ["NQX005"]),
        (1 / (N - sym.symbol("g", 0.5)), []),
        (1 / (N - sym.symbol("g", 2.0)), ["NQX005"]),
        (1 / (N - S("i").index - 5), []),
        (1 / sym.emitted("i").value, ["NQX005"]),
    ],
)
def test_divisors(amplitude, codes):
    assert [code for code, *_ in told(on().for_each_site("i").emit(amplitude=amplitude))] == codes


def test_of_a_divisor_that_reads_every_site_it_is_not_proved():
    builder = on().for_each_site("i", columns={"m": np.ones((4, 4))}).emit(amplitude=1 / sym.dot("m"))
    (found,) = sym.diagnose(builder.build())
    assert found.code == "NQX005" and "nothing proves that it is not" in found.message


def test_a_condition_asks_from_left_to_right():
    assert told(on().for_each_site("i").where((S("i") != 0) & (1 / N > 0.4)).emit()) == []
    assert told(on().for_each_site("i").where((1 / N > 0.4) & (S("i") != 0)).emit()) == [("NQX005", "warning", 0, None)]


def test_a_side_of_an_update_counts_where_it_is_taken():
    kept = sym.cond(S("i") > 1, if_true=sym.write("i", 6 / N))
    assert told(on().for_each_site("i").emit(kept)) == []
    taken = sym.cond(S("i") < 1, if_true=sym.write("i", 0 / N))
    assert ("NQX005", "warning", 0, 0) in told(on().for_each_site("i").emit(taken))


# --- leaving


def test_what_always_leaves_is_an_error():
    assert told(on().for_each_site("i").emit(sym.shift("i", 4))) == [("NQX006", "error", 0, 0)]


def test_where_x_goes_is_told_with_the_state_that_shows_it():
    builder = on().for_each(("i", "j"), over=BONDS).where(S("i") > 0).emit(sym.shift("i", -1).shift("j", 1))
    (found,) = sym.diagnose(builder.build())
    assert "from x[i] = 1, x[j] = 3 it writes x'[j] = 4" in found.message


def test_a_branch_without_a_matrix_element_keeps_the_total():
    fixed = H.Fock(3, N=4, n_particles=4)
    move = sym.shift("i", -1).shift("j", 2)
    builder = on(fixed).for_each(("i", "j"), over=BONDS).where((S("i") > 0) & (S("j") < 2))
    assert told(builder.emit(move, amplitude=(N - 1) * (N - 2) * (N - 3) * sym.symbol("g", 0.0))) == []
    builder = on(fixed).for_each(("i", "j"), over=BONDS).where((S("i") > 0) & (S("j") < 2))
    assert told(builder.emit(move, amplitude=N - 1)) == [("NQX007", "warning", 0, 0)]


@pytest.mark.parametrize(("sign", "codes"), [(-1, []), (+1, ["NQX007"])])
def test_rows_that_are_too_many_to_be_looked_at_one_by_one_have_any_columns(sign, codes):
    size = 17_000
    weights = np.arange(size - 1) / 8  # the first is 0, which must not stand for all
    chain = on(H.Spin(1 / 2, size, total_sz=0)).for_each(
        ("i", "j"), over=[(k, k + 1) for k in range(size - 1)], columns={"J": weights}
    )
    flipped = sym.affine("i", scale=-1).affine("j", scale=-1)
    chain.emit(flipped, amplitude=sym.column("J") * (1 + sign * N * S("j").value))
    assert [code for code, *_ in told(chain, "warning")] == codes


def test_masks_are_not_told_of_but_as_an_info():
    fixed = H.Spin(1 / 2, 4, total_sz=0)
    builder = on(fixed).for_each_site("i", columns={"m": np.eye(4, dtype=int)}).emit(sym.flip("m"))
    assert told(builder) == [("NQX007", "info", 0, 0)]


# --- duplicates, promises, padding


def test_terms_that_differ_in_columns_or_constants_are_none():
    one, other = (
        on().for_each_site("i", columns={"w": np.arange(4) + k}).emit(amplitude=sym.column("w")) for k in (0, 1)
    )
    assert told(one.build() + other.build()) == []
    assert told(one.build() + one.build()) == [("NQX004", "warning", 1, None)]
    assert told(one.build() + 2 * one.build()) == []


def test_rows_that_differ_in_columns_are_none():
    def builder(weights):
        return on().for_each("i", over=[0, 1, 0], columns={"w": weights}).emit(amplitude=sym.column("w"))

    assert told(builder([1, 2, 3])) == []
    assert told(builder([1, 2, 1])) == [("NQX004", "info", 0, None)]


def test_every_promise_of_alike_terms_is_its_own():
    builder = on()
    for promised in (3, 2, 3):
        builder.for_each("i", over=[0, 1, 2]).where(S("i") > 0).emit(amplitude=N).fanout(promised)
    assert [found for found in told(builder) if found[0] == "NQX008"] == [("NQX008", "error", 1, None)]


def test_a_fixed_total_bounds_what_is_active():
    two = H.Fock(2, N=40, n_particles=2)
    builder = on(two).for_each_site("i").where(S("i") > 0).emit(amplitude=N)
    (found,) = sym.diagnose(builder.build())
    assert found.code == "NQX010" and dict(found.facts) == {"slots": 40, "most": 2}
    assert told(builder.build(), optimize=True) == []
    promised = on(two).for_each_site("i").where(S("i") > 0).emit(amplitude=N).fanout(2)
    assert told(promised) == []
    broken = on(two).for_each_site("i").where(S("i") > 0).emit(amplitude=N).fanout(1)
    (found,) = sym.diagnose(broken.build())
    assert found.code == "NQX008" and found.facts["active"] == 2 and sum(found.facts["x"]) == 2


def test_rows_that_a_condition_on_their_numbers_excludes_are_padding():
    builder = on(H.Qubit(8)).for_each_pair("i", "j").where(S("j").index == S("i").index + 1).emit(sym.swap("i", "j"))
    (found,) = sym.diagnose(builder.build())
    assert found.code == "NQX010" and dict(found.facts) == {"slots": 64, "most": 7}
