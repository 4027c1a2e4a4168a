"""Branches as a table: as text, and for notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any, Final

from nqx_graph.graph.table import table, wrapped

if TYPE_CHECKING:
    from nqx_graph.connections.data import Connection, Connections

MOST_LINES: Final = 40
MOST_HTML_LINES: Final = 200
_WIDEST: Final = 32  # sites up to which a notebook shows all of x'
_DIGITS: Final = {"float32": 6, "complex64": 6, "float16": 3, "bfloat16": 2}
_REMARK: Final = 48  # width of the column of remarks
_HEAD: Final = ("term", "row", "sites", "emission", "x'", "<x|O|x'>", "remark")


def branches_text(found: Connections) -> str:
    """A headline and one line for each branch, the first 40 of them."""
    if not len(found):
        return headline(found)
    cells = [_cells(branch) for branch in found.branches[:MOST_LINES]]
    columns = len(_HEAD) if any(line[-1] for line in cells) else len(_HEAD) - 1
    shown = [(*line[:-1], wrapped([line[-1]], _REMARK))[:columns] for line in cells]
    return "\n".join([headline(found), "", table(_HEAD[:columns], shown, right=(1, 5)), *_rest(found, MOST_LINES)])


def headline(found: Connections) -> str:
    """How many branches lead to how many states, and how many of them need a look."""
    states = len(found.merged())
    marked = sum(bool(branch.remark) for branch in found)
    told = f"; {marked} with a remark" if marked else ""
    return (
        f"{found.operator!r} from x = {found.x.tolist()}: {_counted(len(found), 'branch', 'branches')} to "
        f"{_counted(states, 'state', 'states')}{told}"
    )


def number_text(number: Any) -> str:
    """A matrix element, to no more digits than its dtype has, and at most eight."""
    value = number.item() if hasattr(number, "item") else number
    digits = _DIGITS.get(getattr(getattr(number, "dtype", None), "name", ""), 8)
    plain = value if isinstance(value, int | float | complex) else float(value)
    return format(plain + 0, f".{digits}g")  # 0 and not -0


def place_text(branch: Connection) -> str:
    """The index row: ``i=0, j=1``; empty where the term binds no label."""
    return ", ".join(f"{label}={site}" for label, site in branch.sites.items())


def emission_text(branch: Connection) -> str:
    """The emission's number, and its tag where it has one."""
    return f"#{branch.emission}" + ("" if branch.tag is None else f" {branch.tag!r}")


def _cells(branch: Connection) -> tuple[str, ...]:
    where = (repr(branch.name), str(branch.row), place_text(branch), emission_text(branch))
    return (*where, branch.move, number_text(branch.mel), branch.remark)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _rest(found: Connections, shown: int) -> Iterator[str]:
    left = found.branches[shown:]
    if left:
        marked = sum(bool(branch.remark) for branch in left)
        told = f", {marked} of them with a remark" if marked else ""
        yield f"... and {len(left)} more{told}; iterate for all"


def branches_html(found: Connections) -> str:
    """The same with x' written out, the sites that change marked."""
    head = "".join(f"<th style='text-align:left'>{escape(name)}</th>" for name in _HEAD)
    body = "".join(map(_html_row, found.branches[:MOST_HTML_LINES]))
    rest = "".join(f"<div>{escape(line)}</div>" for line in _rest(found, MOST_HTML_LINES))
    return f"<div>{escape(headline(found))}</div><table><tr>{head}</tr>{body}</table>{rest}"


def _html_row(branch: Connection) -> str:
    term, row, sites, emission, move, mel, remark = map(escape, _cells(branch))
    shown = _html_state(branch) if len(branch.x) <= _WIDEST else move
    cells = (term, row, sites, emission, f"<span title='{move}'>{shown}</span>", mel, remark)
    return "<tr>" + "".join(f"<td style='text-align:left'>{cell}</td>" for cell in cells) + "</tr>"


def _html_state(branch: Connection) -> str:
    changed = branch.changed
    parts = (f"<mark><b>{v}</b></mark>" if site in changed else str(v) for site, v in enumerate(branch.x_prime))
    return f"<code>[{', '.join(parts)}]</code>"
