"""The optimised `get_conn_padded` beside the fastest of NetKet's operators of the same model, each an argument of one
jitted function; 1024 configurations in int8. Beside them the exact lowerer, and a jitted write of an output of that
size: what memory alone would take.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import models
import netket as nk
import numpy as np
import ours
import peers
import pytest
from agreement import assert_same_operator
from measuring import Contender, interleaved
from page import Bar, Curve, fastest, ratios, spread

SECTION = "Connected states"
PLOTS = {
    "ising_n": ("Ising ring, 1024 configurations", "sites"),
    "rows": ("Random Pauli strings on 20 qubits, 1024 configurations", "rows"),
}
BATCH, ROUNDS = 1024, 101
OPTIMISED, EXACT, WRITE = "optimised", "jax_symbolic_v1", "a write of that size"

connected = jax.jit(lambda operator, x: operator.get_conn_padded(x))


@jax.jit
def write(x, mels):
    """An output as large as that of the operator whose matrix elements these are."""
    return jnp.broadcast_to(x[:, None, :], (*mels.shape, x.shape[-1])), jnp.zeros_like(mels)


def ising(size):
    hilbert, edges = nk.hilbert.Spin(1 / 2, size), ours.ring(size)
    return hilbert, models.ising(hilbert, edges, 1.0, 0.7), peers.netket_ising(hilbert, edges, 1.0, 0.7)


def heisenberg(side):
    graph = nk.graph.Grid([side, side], pbc=True)
    hilbert = nk.hilbert.Spin(1 / 2, graph.n_nodes)
    return hilbert, models.heisenberg(hilbert, list(graph.edges())), peers.netket_heisenberg(hilbert, graph)


def bose_hubbard(size, n_max=4):
    hilbert, edges = nk.hilbert.Fock(n_max, size, n_particles=size), ours.ring(size)
    theirs = nk.operator.BoseHubbardJax(hilbert, nk.graph.Graph(edges=edges), U=2.0, J=1.0)
    return hilbert, models.bose_hubbard(hilbert, n_max, edges, 1.0, 2.0), {"NetKet BoseHubbardJax": theirs}


def random_strings(count, space=nk.hilbert.Qubit, size=20):
    """Strings of weight 4 or less, no two the same, with an even number of Y: a real operator."""
    rng, hilbert = np.random.default_rng(7), space(size)
    found = {}
    while len(found) < count:
        sites = rng.choice(size, rng.integers(1, 5), replace=False)
        letters = rng.choice(list("XYZ"), len(sites))
        if np.sum(letters == "Y") % 2 == 0:
            found[tuple(sorted(zip(sites.tolist(), letters.tolist(), strict=True)))] = rng.normal()
    factors = [[(letter, site) for site, letter in string] for string in found]
    weights = list(found.values())
    own = ours.real_pauli_strings(hilbert, factors, weights)
    return hilbert, own, {"NetKet PauliStringsJax": peers.pauli_strings(hilbert, factors, weights)}


def random_strings_of_spins(count):
    return random_strings(count, lambda size: nk.hilbert.Spin(1 / 2, size))


CASES = {
    "Ising ring, N=32": (ising, 32, 1.5, ("ising_n", 32)),
    "Ising ring, N=64": (ising, 64, 1.0, ("ising_n", 64)),
    "Ising ring, N=128": (ising, 128, 1.0, ("ising_n", 128)),
    "Heisenberg 6×6": (heisenberg, 6, 1.0, None),
    "Heisenberg 10×10": (heisenberg, 10, 1.0, None),
    "Bose-Hubbard ring, N=32, one boson per site, at most 4": (bose_hubbard, 32, 1.0, None),
    "50 random Pauli strings of weight ≤ 4, 20 qubits": (random_strings, 50, None, ("rows", 50)),
    "200 random Pauli strings of weight ≤ 4, 20 qubits": (random_strings, 200, 1.5, ("rows", 200)),
    "200 random Pauli strings of weight ≤ 4, 20 spins": (random_strings_of_spins, 200, 1.5, None),
    "800 random Pauli strings of weight ≤ 4, 20 qubits": (random_strings, 800, None, ("rows", 800)),
}


@pytest.mark.parametrize("case", CASES)
def test_connected_states(case, benchmark, record_table):
    made, argument, at_most, place = CASES[case]
    hilbert, operator, theirs = made(argument)
    x = peers.samples(hilbert, BATCH)
    operators = {
        OPTIMISED: ours.compiled(operator, optimize=True),
        EXACT: ours.compiled(operator, optimize=False),
        **theirs,
    }
    results = {name: connected(compiled, x) for name, compiled in operators.items()}
    for other in results.values():
        assert_same_operator(results[OPTIMISED], other)
    own_mels = results[OPTIMISED][1]

    def call(compiled):
        return Contender(lambda: jax.block_until_ready(connected(compiled, x)))

    contenders = {name: call(compiled) for name, compiled in operators.items()}
    contenders[WRITE] = Contender(lambda: jax.block_until_ready(write(x, own_mels)))
    contenders[WRITE].run()
    times = interleaved(benchmark, contenders, ROUNDS)
    slots = ", ".join(f"{name} {mels.shape[-1]}" for name, (_, mels) in results.items())
    bars = [] if at_most is None else [Bar(case, at_most, tuple(theirs))]
    curve = place and Curve(*place, {name: name for name in times})
    record_table(case, times, bars=bars, curve=curve, note=f"Slots: {slots}. {floor(times, theirs)}")


def floor(times, theirs):
    """The optimised kernel over the faster of NetKet's and the write; no bar."""
    best = fastest(times, (*theirs, WRITE))
    return (
        f"{OPTIMISED} / the faster of NetKet's and the write ({best}): {spread(ratios(times[OPTIMISED], times[best]))}."
    )
