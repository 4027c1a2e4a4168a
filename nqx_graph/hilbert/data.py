"""A space from its form as data."""

from __future__ import annotations

from fractions import Fraction

from nqx_graph.errors import HilbertError, IRFormatError, listed
from nqx_graph.hilbert.spaces import Fock, Qubit, Spin

_FIELDS = {
    "nqx_graph.Spin": ("s2", "N", "total_sz2"),
    "nqx_graph.Qubit": ("N",),
    "nqx_graph.Fock": ("n_max", "N", "n_particles"),
}
_OPTIONAL = {"total_sz2", "n_particles"}


def from_data(data: object) -> Spin | Qubit | Fock:
    """The space that ``to_data()`` wrote.

    Args:
        data: exactly what one of the three spaces writes.

    Raises:
        IRFormatError: it is anything else.
    """
    if not isinstance(data, dict):
        raise IRFormatError(f"A Hilbert space as data is a dict, not {type(data).__name__}.")
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise IRFormatError(
            f"There is no embedded Hilbert space of kind {kind!r}; there are {listed(_FIELDS)}.", kind=kind
        )
    fields = _FIELDS[kind]
    if set(data) != {"kind", *fields}:
        raise IRFormatError(
            f"A {kind} as data has the fields {listed(('kind', *fields))}, but these were given: {listed(data)}.",
            kind=kind,
        )
    for name in fields:
        if type(data[name]) is not int and not (name in _OPTIONAL and data[name] is None):
            raise IRFormatError(f"The field {name!r} of a {kind} is an integer, not {data[name]!r}.", kind=kind)
    try:
        if kind == "nqx_graph.Spin":
            total_sz2 = data["total_sz2"]
            total_sz = None if total_sz2 is None else Fraction(total_sz2, 2)
            return Spin(Fraction(data["s2"], 2), data["N"], total_sz=total_sz)
        arguments = {name: data[name] for name in fields}
        return Fock(**arguments) if kind == "nqx_graph.Fock" else Qubit(**arguments)
    except HilbertError as error:
        raise IRFormatError(f"This data is no Hilbert space. {error.message}", kind=kind) from error
