"""Saving an operator, and loading it."""

from __future__ import annotations

import os
from typing import Any

from nqx_graph.errors import IRFormatError, NqxError, OptionTypeError
from nqx_graph.files import form, spaces, whole
from nqx_graph.ir.rules import check_operator
from nqx_graph.ir.serial import operator_from_dict
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.operators.compiled import CompiledOperator
from nqx_graph.operators.symbolic import SymbolicOperator
from nqx_graph.space import view


def save(operator: Any, path: str | os.PathLike[str], *, with_hilbert: bool = True) -> None:
    """Write an operator to a file that `load` reads: the IR and the Hilbert space, as JSON, every number to the bit.

    A file that is there is replaced, as by ``numpy.save``, but only once the new one is whole: if anything goes wrong, what
    was there before is still there. The name is taken as it is given; ``.json`` suits it. Equal operators give equal files.

    Args:
        operator: a symbolic operator, or another object with ``to_ir()`` and ``hilbert``.
        path: of the file.
        with_hilbert: whether the space is in it. A space that has no form as data, such as one with a constraint of your
            own, has to be left out and given to `load`.

    Raises:
        OptionTypeError: if it is no symbolic operator, such as a compiled one, or the path is no path.
        HilbertError: if the space has no form as data.
        IRFormatError: if the operator breaks the rules of the language.
        OSError: if the file cannot be written.
    """
    _require_symbolic(operator)
    place = whole.path_text(path, "save(operator, path)")
    if not isinstance(with_hilbert, bool):
        raise OptionTypeError(f"with_hilbert must be True or False; it is {with_hilbert!r}.")
    ir, space = operator.to_ir(), operator.hilbert
    held = {"hilbert": spaces.described(space, with_form=with_hilbert)}
    try:
        content = form.pack({**held, "ir": ir.as_dict()})
        same = _operator(content, place, space).to_ir().same_as(ir)
    except (NqxError, TypeError, ValueError) as problem:
        raise IRFormatError(f"the operator {ir.operator_name!r} cannot be saved: {problem}") from problem
    if not same:  # such as an IR made by hand of a number that is not quite Python's
        raise IRFormatError(
            f"the operator {ir.operator_name!r} cannot be saved: it would be another one when it is loaded."
        )
    whole.write(place, content)


def load(path: str | os.PathLike[str], hilbert: Any = None) -> SymbolicOperator:
    """The operator in a file that `save` wrote. The file is data: nothing in it is run, and nothing is unpickled.

    Args:
        path: of the file.
        hilbert: the space, where the file has none. Where it has one, an equal one that the operator is to act on.

    Raises:
        OSError: if the file cannot be read.
        IRFormatError: if it is damaged, of a later version, or no such file.
        HilbertError: if the space is needed and not given, cannot be made here, or is another than the file says.
        OptionTypeError: if the path is no path.
    """
    place = whole.path_text(path, "load(path)")
    try:
        return _operator(whole.read(place), place, hilbert)
    except RecursionError as problem:
        raise IRFormatError(
            f"{place} is no operator that save() wrote: it is nested too deep.", path=place
        ) from problem


def _operator(content: bytes, path: str, hilbert: Any) -> SymbolicOperator:
    data = form.unpack(content, path)
    space = spaces.restored(data["hilbert"], hilbert, path)
    ir = operator_from_dict(data["ir"], rules=False)
    try:
        check_operator(ir, view(space))
    except NqxError as problem:
        raise IRFormatError(
            f"{path} describes an operator that breaks the rules of the language: {problem}"
        ) from problem
    return SymbolicOperator(space, ir)


def _require_symbolic(operator: Any) -> None:
    if isinstance(operator, CompiledOperator):
        raise OptionTypeError(
            f"save takes a symbolic operator, and {operator.name!r} is compiled; give the one that it was compiled from, or "
            "SymbolicOperator(compiled.hilbert, compiled.ir), which has the defaults and columns that it was built with and "
            "not those of with_parameters and with_columns."
        )
    if not hasattr(operator, "hilbert") or not isinstance(_ir(operator), SymbolicOperatorIR):
        hint = "call .build() on it first" if hasattr(operator, "build") else "give what build() returns"
        raise OptionTypeError(
            f"save takes a symbolic operator and a path, in this order; it was given a {type(operator).__name__}: {hint}."
        )


def _ir(operator: Any) -> Any:
    return operator.to_ir() if hasattr(operator, "to_ir") else None
