"""The text of the IR, for people and for golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nqx_graph.ir.expr import TRUE
from nqx_graph.ir.functions import CALL
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import BINARY, COMPARISONS, Row
from nqx_graph.ir.types import (
    EmissionSpec,
    KBodyIteratorSpec,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateOp,
    UpdateProgram,
)

_SIGNS = {
    **dict(zip(BINARY, ("+", "-", "*", "/", "**"), strict=True)),
    **dict(zip(COMPARISONS, ("==", "!=", "<", "<=", ">", ">="), strict=True)),
    "and": "&",
    "or": "|",
}
_LEAVES: dict[str, Callable[[Row], str]] = {
    "const": lambda row: str(row.data[0]),
    "truth": lambda row: str(row.data[0]),
    "site": lambda row: f"x[{row.data[0]}]",
    "index": lambda row: str(row.data[0]),
    "emitted": lambda row: f"x'[{row.data[0]}]",
    "symbol": lambda row: f"${row.data[0]}",
    "column": lambda row: f"{row.data[0]}[row]",
    "dot": lambda row: f"dot({row.data[0]}, x)",
    "prod": lambda row: f"prod(x ** {row.data[0]})",
}
MAX_ROWS = 8
_SHARING_LIMIT = 4096  # beyond this many operations written out, shared parts are written once and named


def expression_text(expr: Expr) -> str:
    """An expression on one line; parts used several times are named ``%k`` where writing them out would be too long."""
    rows = expr.table
    named = _parts_to_name(rows)
    bindings = "".join(f"let %{line} = {_line_text(rows, line, named)}; " for line in sorted(named))
    return bindings + _line_text(rows, len(rows) - 1, named)


def _parts_to_name(rows: tuple[Row, ...]) -> frozenset[int]:
    sizes: list[int] = []
    uses = [0] * len(rows)
    for row in rows:
        sizes.append(min(1 + sum(sizes[arg] for arg in row.args), 10 * _SHARING_LIMIT))
        for arg in row.args:
            uses[arg] += 1
    if sizes[-1] <= max(_SHARING_LIMIT, len(rows)):
        return frozenset()
    return frozenset(line for line, count in enumerate(uses) if count > 1 and rows[line].args)


def _line_text(rows: tuple[Row, ...], line: int, named: frozenset[int]) -> str:
    """One line written out, with a stack of pieces still to write instead of recursion."""
    written: list[str] = []
    pending: list[str | int] = list(reversed(list(_pieces(rows[line]))))
    while pending:
        piece = pending.pop()
        if isinstance(piece, str):
            written.append(piece)
        elif piece in named:
            written.append(f"%{piece}")
        else:
            pending.extend(reversed(list(_pieces(rows[piece]))))
    return "".join(written)


def _pieces(row: Row) -> Iterator[str | int]:
    """The text of an operation, with the lines of its arguments standing where their text goes."""
    if row.op in _LEAVES:
        yield _LEAVES[row.op](row)
    elif row.op in _SIGNS:
        yield from ("(", row.args[0], f" {_SIGNS[row.op]} ", row.args[1], ")")
    elif row.op in ("neg", "not"):
        yield from ("(-" if row.op == "neg" else "(~", row.args[0], ")")
    elif row.op in ("source", "target"):
        yield from ("x[" if row.op == "source" else "x'[", row.args[0], "]")
    else:
        name = "where" if row.op == "select" else row.data[0] if row.op == CALL else row.op
        yield f"{name}("
        for position, arg in enumerate(row.args):
            yield from (", ", arg) if position else (arg,)
        yield ")"


def _site(expr: Expr) -> str:
    return f"x'[{expression_text(expr)}]"


def update_text(program: UpdateProgram) -> str:
    """An update on one line, steps separated by semicolons."""
    return "; ".join(map(_op_text, program.ops)) or "x' = x"


def _op_text(op: UpdateOp) -> str:
    p = op.params
    if op.kind == "write":
        return f"{_site(p['site'])} = {p['value']!r}"
    if op.kind == "shift":
        return f"{_site(p['site'])} = ({_site(p['site'])} + {p['delta']!r})"
    if op.kind == "shift_mod":
        return f"{_site(p['site'])} = wrap_mod({_site(p['site'])} + {p['delta']!r})"
    if op.kind == "affine":
        return f"{_site(p['site'])} = ({p['scale']!r} * {_site(p['site'])} + {p['bias']!r})"
    if op.kind in ("swap", "permute"):
        return f"{op.kind}({', '.join(map(_site, p['sites']))})"
    if op.kind == "scatter":
        pairs = zip(p["sites"], p["values"], strict=True)
        return "scatter(" + ", ".join(f"{_site(site)} = {value!r}" for site, value in pairs) + ")"
    if op.kind == "flip":
        return f"flip({p['column']})"
    if op.kind == "invalidate":
        return f"invalidate({p['reason']!r})"
    return f"if {p['predicate']!r} {{ {update_text(p['if_true'])} }} else {{ {update_text(p['if_false'])} }}"


def _iterator_text(iterator: KBodyIteratorSpec) -> str:
    rows: list[Any] = [tuple(row) for row in iterator.index_sets[: MAX_ROWS - 1].tolist()]
    shown = [str(row) for row in rows]
    if iterator.n_iter > MAX_ROWS:
        shown.append("...")
    if iterator.n_iter >= MAX_ROWS:
        shown.append(str(tuple(iterator.index_sets[-1].tolist())))
    labels = ", ".join(iterator.labels) + ("," if len(iterator.labels) == 1 else "")
    return f"for ({labels}) in [{', '.join(shown)}]"


def emission_lines(number: int, emission: EmissionSpec) -> Iterator[str]:
    """The lines of an emission, as they stand in the text of its term."""
    tag = "" if emission.branch_tag is None else f" [tag={emission.branch_tag!r}]"
    yield f"    emit #{number}{tag}:"
    if not emission.predicate.same_as(TRUE):
        yield f"      if:        {emission.predicate!r}"
    yield f"      update:    {update_text(emission.update_program)}"
    yield f"      amplitude: {emission.amplitude!r}"


def term_lines(number: int, term: SymbolicIRTerm) -> Iterator[str]:
    """The lines of a term, as they stand in the text of its operator."""
    yield f'  term #{number} "{term.name}" [kbody, n_iter={term.iterator.n_iter}, fanout={term.fanout}] {{'
    yield f"    iterate: {_iterator_text(term.iterator)}"
    for name, array in term.iterator.columns.items():
        yield f"    column:  {name} {list(array.shape)} {array.dtype.name}"
    if not term.predicate.same_as(TRUE):
        yield f"    where:   {term.predicate!r}"
    for position, emission in enumerate(term.emissions):
        yield from emission_lines(position, emission)
    yield "  }"


def operator_text(ir: SymbolicOperatorIR) -> str:
    """The whole operator; ``print(ir)`` shows this."""
    hermitian = "true" if ir.is_hermitian else "false"
    header = f"dtype={ir.dtype_str}, hermitian={hermitian}, hilbert_size={ir.hilbert_size}"
    lines = [f'{ir.mode}.operator @"{ir.operator_name}" [{header}] {{', f"  ; {ir.term_count} term(s)", ""]
    for number, term in enumerate(ir.terms):
        lines += [*term_lines(number, term), ""]
    return "\n".join([*lines, "}"])
