"""The words themselves. Sites are labels, ``sym.site(label)``, flat numbers or integer expressions of ``.index``."""

from __future__ import annotations

from typing import Any

from nqx_graph.dsl.selectors import site_expression
from nqx_graph.errors import ExpressionError
from nqx_graph.ir.scalars import as_number
from nqx_graph.words.value import Factor, Product, Words


def word(name: str, site: Any, value: Any = None, order: tuple[int, ...] | None = None) -> Words:
    """One local operator."""
    return Words((Product(1, (), (Factor(name, site_expression(site).sealed(), value, order),)),))


def identity() -> Words:
    """1: every state stays what it is."""
    return Words((Product(),))


def create(site: Any) -> Words:
    """a†: ``a†|n> = √(n+1) |n+1>``, and nothing from the highest state; on 0 and 1 that of hard-core bosons."""
    return word("create", site)


def destroy(site: Any) -> Words:
    """a: ``a|n> = √n |n-1>``."""
    return word("destroy", site)


def number(site: Any) -> Words:
    """n = a†a: ``n|n> = n |n>``."""
    return word("number", site)


def hop(i: Any, j: Any) -> Words:
    """a†ᵢ aⱼ: a particle goes from j to i."""
    return create(i) * destroy(j)


def sigma_x(site: Any) -> Words:
    """σˣ = 2 Sˣ of a spin s, the Pauli matrix for s = 1/2. On qubits ``|0>`` is up. As in ``netket.operator.spin``."""
    return word("sigma_x", site)


def sigma_y(site: Any) -> Words:
    """σʸ = 2 Sʸ of a spin s, the Pauli matrix for s = 1/2. On qubits ``|0>`` is up. As in ``netket.operator.spin``."""
    return word("sigma_y", site)


def sigma_z(site: Any) -> Words:
    """σᶻ = 2 Sᶻ of a spin s: the local state itself. On qubits ``|0>`` is up, so that it is 1 - 2n."""
    return word("sigma_z", site)


def sigma_plus(site: Any) -> Words:
    """S⁺ = Sˣ + i Sʸ: ``S⁺|m> = √(s(s+1) - m(m+1)) |m+1>``; on qubits ``|1>`` to ``|0>``. As in ``netket.operator.spin``."""
    return word("sigma_plus", site)


def sigma_minus(site: Any) -> Words:
    """S⁻ = Sˣ - i Sʸ: ``S⁻|m> = √(s(s+1) - m(m-1)) |m-1>``; on qubits ``|0>`` to ``|1>``. As in ``netket.operator.spin``."""
    return word("sigma_minus", site)


def spin_dot(i: Any, j: Any) -> Words:
    """Sᵢ·Sⱼ with S = σ/2; NetKet's Heisenberg model has σᵢ·σⱼ, four times this."""
    exchange = sigma_plus(i) * sigma_minus(j) + sigma_minus(i) * sigma_plus(j)
    return sigma_z(i) * sigma_z(j) / 4 + exchange / 2


def projector(site: Any, value: Any) -> Words:
    """``|value><value|``: 1 where the site holds this local state, else 0."""
    state = as_number(value)
    if state is None or isinstance(state, complex):
        raise ExpressionError(f"projector takes a local state, a real number; it was given {value!r}.")
    return word("projector", site, state)
