"""The models of `nqx_graph.models` in nkDSL, for spins 1/2 where there are spins.

A term has no columns there: couplings, neighbours and Jordan-Wigner strings that differ from bond to bond are a term each.
Their lines are counted in docs/howto/write_in_words.md, so that no line is longer than 100 characters.
"""

from __future__ import annotations

import math

from nkdsl import SymbolicDiscreteJaxOperator, hop, site, source_index, swap, write


def ising(hilbert, edges, J, h):
    return (
        SymbolicDiscreteJaxOperator(hilbert, "ising", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .emit(matrix_element=J * site("i").value * site("j").value)
        .for_each_site("i")
        .emit(write("i", -site("i").value), matrix_element=-h)
        .build()
    )


def heisenberg(hilbert, edges, J):
    i, j = site("i"), site("j")
    return (
        SymbolicDiscreteJaxOperator(hilbert, "heisenberg", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .emit(matrix_element=J / 4 * i.value * j.value)
        .emit_if(i != j.value, swap("i", "j"), matrix_element=J / 2)
        .build()
    )


def xxz(hilbert, edges, J, delta):
    i, j = site("i"), site("j")
    return (
        SymbolicDiscreteJaxOperator(hilbert, "xxz", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .emit(matrix_element=J * delta / 4 * i.value * j.value)
        .emit_if(i != j.value, swap("i", "j"), matrix_element=J / 2)
        .build()
    )


def j1_j2(hilbert, first, second, J1, J2):
    i, j = site("i"), site("j")
    return (
        SymbolicDiscreteJaxOperator(hilbert, "j1_j2", hermitian=True)
        .for_each(("i", "j"), over=first)
        .emit(matrix_element=J1 / 4 * i.value * j.value)
        .emit_if(i != j.value, swap("i", "j"), matrix_element=J1 / 2)
        .for_each(("i", "j"), over=second)
        .emit(matrix_element=J2 / 4 * i.value * j.value)
        .emit_if(i != j.value, swap("i", "j"), matrix_element=J2 / 2)
        .build()
    )


def edwards_anderson(hilbert, edges, couplings, h):
    operator = SymbolicDiscreteJaxOperator(hilbert, "edwards_anderson", hermitian=True)
    for edge, J in zip(edges, couplings, strict=True):
        operator.for_each(("i", "j"), over=[edge])
        operator.emit(matrix_element=J * site("i").value * site("j").value)
    operator.for_each_site("i").emit(write("i", -site("i").value), matrix_element=-h)
    return operator.build()


def pxp(hilbert, edges, omega):
    operator = SymbolicDiscreteJaxOperator(hilbert, "pxp", hermitian=True)
    for i in range(hilbert.size):
        near = {j for edge in edges for j in edge if i in edge} - {i}
        empty = math.prod(1 - source_index(j) for j in near)
        flip = write("i", 1 - site("i").value)
        operator.for_each(("i",), over=[(i,)]).emit(flip, matrix_element=omega * empty)
    return operator.build()


def bose_hubbard(hilbert, edges, J, U, mu):
    i, j, n_max = site("i"), site("j"), hilbert.n_max
    back, forth = ((a.value * (b.value + 1)).sqrt() for a, b in ((i, j), (j, i)))
    return (
        SymbolicDiscreteJaxOperator(hilbert, "bose_hubbard", hermitian=True)
        .for_each(("i", "j"), over=edges)
        .emit_if((i > 0) & (j < n_max), hop("i", "j"), matrix_element=-J * back)
        .emit_if((j > 0) & (i < n_max), hop("j", "i"), matrix_element=-J * forth)
        .for_each_site("i")
        .emit(matrix_element=U / 2 * i.value * (i.value - 1) - mu * i.value)
        .build()
    )


def fermi_hubbard(hilbert, edges, t, U):
    L, i, j = hilbert.size // 2, site("i"), site("j")
    operator = SymbolicDiscreteJaxOperator(hilbert, "fermi_hubbard", hermitian=True)
    for a, b in [*edges, *((a + L, b + L) for a, b in edges)]:
        sign = math.prod(1 - 2 * source_index(k) for k in range(min(a, b) + 1, max(a, b)))
        operator.for_each(("i", "j"), over=[(a, b)])
        operator.emit_if(i != j.value, swap("i", "j"), matrix_element=-t * sign)
    operator.for_each(("i", "j"), over=[(a, a + L) for a in range(L)])
    return operator.emit(matrix_element=U * i.value * j.value).build()


def t_j(hilbert, edges, t, J):
    L, (i, j, k, m) = hilbert.size // 2, map(site, "ijkm")
    operator = SymbolicDiscreteJaxOperator(hilbert, "t_j", hermitian=True)
    z = (i.value - k.value) * (j.value - m.value)
    total = (i.value + k.value) * (j.value + m.value)
    for a, b in edges:
        between = range(min(a, b) + 1, max(a, b))
        low, high = (math.prod(1 - 2 * source_index(c + s) for c in between) for s in (0, L))
        rows = (a, b, a + L, b + L), (a + L, b + L, a, b)
        for row, sign in zip(rows, (low, high), strict=True):
            operator.for_each(("i", "j", "k", "m"), over=[row]).where((k == 0) & (m == 0))
            operator.emit_if(i != j.value, swap("i", "j"), matrix_element=-t * sign)
        operator.for_each(("i", "j", "k", "m"), over=rows[:1])
        operator.emit(matrix_element=J / 4 * (z - total))
        differ = (i != j.value) & (k != m.value) & (i != k.value)
        flip = swap("i", "j").swap("k", "m")
        operator.emit_if(differ, flip, matrix_element=-J / 2 * low * high)
    return operator.build()


def toric_code(hilbert, stars, plaquettes, A, B):
    a, b, c, d = (site(link).value for link in "abcd")
    return (
        SymbolicDiscreteJaxOperator(hilbert, "toric_code", hermitian=True)
        .for_each_plaquette("a", "b", "c", "d", over=stars)
        .emit(write("a", -a).write("b", -b).write("c", -c).write("d", -d), matrix_element=-A)
        .for_each_plaquette("a", "b", "c", "d", over=plaquettes)
        .emit(matrix_element=-B * a * b * c * d)
        .build()
    )


def z2_gauge(hilbert, plaquettes, K, g):
    a, b, c, d = (site(link).value for link in "abcd")
    return (
        SymbolicDiscreteJaxOperator(hilbert, "z2_gauge", hermitian=True)
        .for_each_plaquette("a", "b", "c", "d", over=plaquettes)
        .emit(matrix_element=-K * a * b * c * d)
        .for_each_site("i")
        .emit(write("i", -site("i").value), matrix_element=-g)
        .build()
    )


def u1_gauge(hilbert, plaquettes, K, g):
    a, b, c, d = map(site, "abcd")
    up, down = ((a == s) & (b == s) & (c == -s) & (d == -s) for s in (1, -1))
    turn = write("a", -a.value).write("b", -b.value).write("c", -c.value).write("d", -d.value)
    return (
        SymbolicDiscreteJaxOperator(hilbert, "u1_gauge", hermitian=True)
        .for_each_plaquette("a", "b", "c", "d", over=plaquettes)
        .emit_if(up | down, turn, matrix_element=-K)
        .for_each_site("i")
        .emit(matrix_element=g / 8 * site("i").value.pow(2))
        .build()
    )
