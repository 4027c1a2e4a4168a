"""The IR as JSON-safe data, and back.

Reading is strict: every field present, none unknown, every type as written, and the rules of the language checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nqx_graph.errors import IRFormatError, NqxError, listed
from nqx_graph.ir.expr import AmplitudeExpr, PredicateExpr
from nqx_graph.ir.frozen import thaw_json
from nqx_graph.ir.functions import CALL, adopted
from nqx_graph.ir.rules import check_operator
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row
from nqx_graph.ir.types import (
    MAX_NESTING,
    UPDATE_PARAMS,
    EmissionSpec,
    KBodyIteratorSpec,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateOp,
    UpdateProgram,
)

FORMAT = "nqx_graph.ir"
VERSION = 1
_ARRAY_DTYPES = ("int32", "int64", "float32", "float64", "complex64", "complex128")


def operator_to_dict(
    ir: SymbolicOperatorIR, array: Callable[[np.ndarray[Any, Any]], Any] | None = None
) -> dict[str, Any]:
    """The whole operator as lists, dicts, text, numbers and None; ``array`` writes arrays in another form."""
    write = _array_to_dict if array is None else array
    return {
        "format": FORMAT,
        "version": VERSION,
        "operator_name": ir.operator_name,
        "mode": ir.mode,
        "hilbert_size": ir.hilbert_size,
        "dtype_str": ir.dtype_str,
        "is_hermitian": ir.is_hermitian,
        "terms": [_term_to_dict(term, write) for term in ir.terms],
        "metadata": thaw_json(ir.metadata),
    }


def _term_to_dict(term: SymbolicIRTerm, write: Callable[[np.ndarray[Any, Any]], Any]) -> dict[str, Any]:
    return {
        "name": term.name,
        "iterator": {
            "labels": list(term.iterator.labels),
            "index_sets": write(term.iterator.index_sets),
            "columns": {name: write(array) for name, array in term.iterator.columns.items()},
        },
        "predicate": _expr_to_list(term.predicate),
        "emissions": [
            {
                "predicate": _expr_to_list(emission.predicate),
                "update_program": _program_to_list(emission.update_program),
                "amplitude": _expr_to_list(emission.amplitude),
                "branch_tag": emission.branch_tag,
            }
            for emission in term.emissions
        ],
        "fanout_hint": term.fanout_hint,
        "metadata": thaw_json(term.metadata),
    }


def _expr_to_list(expr: Expr) -> list[Any]:
    return [[row.op, list(row.args), [_number_to_json(entry) for entry in row.data]] for row in expr.table]


def _number_to_json(value: Any) -> Any:
    return {"re": value.real, "im": value.imag} if isinstance(value, complex) else value


def _program_to_list(program: UpdateProgram) -> list[Any]:
    return [{"kind": op.kind, **{name: _param_to_json(op.params[name]) for name in op.params}} for op in program.ops]


def _param_to_json(value: Any) -> Any:
    if isinstance(value, Expr):
        return _expr_to_list(value)
    if isinstance(value, UpdateProgram):
        return _program_to_list(value)
    return [_expr_to_list(item) for item in value] if isinstance(value, tuple) else value


def _array_to_dict(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    flat = array.ravel()
    if np.iscomplexobj(array):
        return {
            "dtype": array.dtype.name,
            "shape": list(array.shape),
            "re": flat.real.tolist(),
            "im": flat.imag.tolist(),
        }
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": flat.tolist()}


def operator_from_dict(data: Any, *, rules: bool = True) -> SymbolicOperatorIR:
    """The inverse of `operator_to_dict`; anything else is refused with an IRFormatError.

    With ``rules=False`` the form is checked and the rules of the language are not: a validation that failed can then be
    run again.
    """
    try:
        ir = _operator(data)
        if rules:
            check_operator(ir)
    except IRFormatError:
        raise
    except NqxError as cause:
        raise IRFormatError(f"the data describes an operator that breaks the rules of the language: {cause}") from cause
    except (TypeError, ValueError, OverflowError, RecursionError) as cause:
        raise IRFormatError(f"the data is not the form that as_dict() writes: {str(cause).rstrip('.')}.") from cause
    return ir


def _fields(data: Any, what: str, *names: str) -> list[Any]:
    if not isinstance(data, Mapping):
        raise IRFormatError(f"{what} must be a dict with {listed(names)}; it is {type(data).__name__}.")
    if set(data) != set(names):
        extra, missing = sorted(set(map(str, data)) - set(names)), sorted(set(names) - set(data))
        raise IRFormatError(
            f"{what} must have exactly {listed(names)}; missing {listed(missing)}, unknown {listed(extra)}."
        )
    return [data[name] for name in names]


def _typed(value: Any, what: str, *kinds: type) -> Any:
    if type(value) not in kinds:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise IRFormatError(f"{what} must be {wanted}; it is {value!r}, a {type(value).__name__}.")
    return value


def _operator(data: Any) -> SymbolicOperatorIR:
    names = ("operator_name", "mode", "hilbert_size", "dtype_str", "is_hermitian", "terms", "metadata")
    form, version, name, mode, size, dtype, hermitian, terms, metadata = _fields(
        data, "an operator", "format", "version", *names
    )
    if form != FORMAT or type(version) is not int or version != VERSION:
        raise IRFormatError(f"this reads {FORMAT!r} version {VERSION}; the data says {form!r} version {version!r}.")
    return SymbolicOperatorIR(
        _typed(name, "operator_name", str),
        _typed(mode, "mode", str),
        _typed(size, "hilbert_size", int),
        _typed(dtype, "dtype_str", str),
        _typed(hermitian, "is_hermitian", bool),
        tuple(_term(term) for term in _typed(terms, "terms", list)),
        _typed(metadata, "metadata", dict),
    )


def _term(data: Any) -> SymbolicIRTerm:
    name, iterator, predicate, emissions, hint, metadata = _fields(
        data, "a term", "name", "iterator", "predicate", "emissions", "fanout_hint", "metadata"
    )
    return SymbolicIRTerm(
        _typed(name, "the name of a term", str),
        _iterator(iterator),
        PredicateExpr.from_table(_rows(predicate)),
        tuple(_emission(emission) for emission in _typed(emissions, "emissions", list)),
        _typed(hint, "fanout_hint", int, type(None)),
        _typed(metadata, "metadata", dict),
    )


def _iterator(data: Any) -> KBodyIteratorSpec:
    labels, rows, columns = _fields(data, "an iterator", "labels", "index_sets", "columns")
    index_sets = _array(rows, "index_sets")
    if index_sets.dtype != np.int32:
        raise IRFormatError(f"index_sets must be int32; they are {index_sets.dtype.name}.")
    arrays = {
        _typed(name, "a column's name", str): _array(array, name)
        for name, array in _typed(columns, "columns", dict).items()
    }
    return KBodyIteratorSpec(
        [_typed(label, "a label", str) for label in _typed(labels, "labels", list)], index_sets, arrays
    )


def _emission(data: Any) -> EmissionSpec:
    predicate, program, amplitude, tag = _fields(
        data, "an emission", "predicate", "update_program", "amplitude", "branch_tag"
    )
    return EmissionSpec(
        PredicateExpr.from_table(_rows(predicate)),
        _program(program, 0),
        AmplitudeExpr.from_table(_rows(amplitude)),
        _typed(tag, "branch_tag", str, type(None)),
    )


def _rows(data: Any) -> tuple[Row, ...]:
    rows = []
    for entry in _typed(data, "an expression", list):
        if len(_typed(entry, "a line of an expression", list)) != 3:
            raise IRFormatError(f"a line of an expression is an operation, arguments and a payload; it is {entry!r}.")
        op, args, payload = entry
        numbers = tuple(_number(item) for item in _typed(payload, "a payload", list))
        data = adopted(numbers) if op == CALL else numbers
        rows.append(Row(_typed(op, "an operation", str), tuple(_typed(args, "arguments", list)), data))
    return tuple(rows)


def _number(value: Any) -> Any:
    if isinstance(value, Mapping):
        real, imag = _fields(value, "a complex number", "re", "im")
        return complex(_typed(real, "a real part", float), _typed(imag, "an imaginary part", float))
    return _typed(value, "a payload entry", int, float, str, bool, type(None))


def _program(data: Any, depth: int) -> UpdateProgram:
    if depth > MAX_NESTING:
        raise IRFormatError(f"updates are nested more than {MAX_NESTING} deep.")
    ops = []
    for entry in _typed(data, "an update", list):
        kind = _typed(_typed(entry, "a step of an update", dict).get("kind"), "the kind of an update", str)
        params = {name: _param(name, value, depth) for name, value in entry.items() if name != "kind"}
        ops.append(UpdateOp(kind, params))
    return UpdateProgram(ops)


def _param(name: str, value: Any, depth: int) -> Any:
    if name in ("if_true", "if_false"):
        return _program(value, depth + 1)
    if name == "predicate":
        return PredicateExpr.from_table(_rows(value))
    if name in ("sites", "values"):
        return tuple(AmplitudeExpr.from_table(_rows(item)) for item in _typed(value, name, list))
    if name in ("column", "reason"):
        return _typed(value, name, str)
    if name not in {param for params in UPDATE_PARAMS.values() for param in params}:
        raise IRFormatError(f"no update takes {name!r}.")
    return AmplitudeExpr.from_table(_rows(value))


def _array(data: Any, what: str) -> np.ndarray[Any, Any]:
    is_complex = isinstance(data, Mapping) and "re" in data
    dtype, shape, *parts = _fields(
        data, f"the array {what!r}", "dtype", "shape", *(("re", "im") if is_complex else ("data",))
    )
    if dtype not in _ARRAY_DTYPES or is_complex != dtype.startswith("complex"):
        raise IRFormatError(f"the array {what!r} has dtype {dtype!r}; known are {listed(_ARRAY_DTYPES)}.")
    for part in parts:
        allowed = (int,) if dtype.startswith("int") else (float,)
        for item in _typed(part, f"the array {what!r}", list):
            _typed(item, f"an entry of {what!r}", *allowed)
    lengths = [_typed(length, "a shape entry", int) for length in _typed(shape, "a shape", list)]
    if any(len(part) != math.prod(lengths) for part in parts):
        raise IRFormatError(f"the array {what!r} has shape {lengths} and {len(parts[0])} entries.")
    flat = np.empty(len(parts[0]), dtype=dtype)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinity, which the rules refuse
        flat.real = np.array(parts[0], dtype=flat.real.dtype)  # refuses what int32 cannot hold; assignment would wrap
        if is_complex:
            flat.imag = parts[1]
    return flat.reshape(lengths)
