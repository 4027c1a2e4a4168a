"""Random operators over the whole language: for Hypothesis, and from a seed where there have to be many.

Everything is drawn by one function, ``whole(low, high)``, a whole number from ``low`` to ``high``.

What may be compared exactly is exact: constants are small multiples of 1/8, and predicates, updates and site numbers are
made of ``+ - *``, whole powers, ``abs``, `where` and ``wrap_mod`` of few enough factors that float64 rounds none of them.
Division, roots, exponentials and their like stand in amplitudes only, on arguments that are exact or for which an error in
the last place makes no jump. They may well be undefined there: NaN has to meet NaN.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import attrs
import networkx as nx
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

import nqx_graph as sym
from nqx_graph.ir.expr import as_amplitude

Whole = Callable[[int, int], int]

SYMBOLS = {"J": 0.5, "U": -1.25, "depth": 2, "free": None}
"""Names of free symbols with their defaults; ``free`` has none and is given by `PARAMETERS`."""
COMPLEX_SYMBOLS = {**SYMBOLS, "z": 0.5 - 0.25j}
PARAMETERS = {"free": 0.75}
DTYPES = ("float64", "float64", "complex128", "complex128", "float32")


def _spaces() -> list[Any]:
    """Spaces of at most 32 states, one to four sites."""
    space = sym.hilbert
    free = [space.Spin(1 / 2, n) for n in (1, 2, 3, 4)] + [space.Spin(1, n) for n in (1, 2, 3)]
    free += [space.Qubit(n) for n in (1, 2, 3, 4)]
    free += [space.Fock(2, n) for n in (1, 2, 3)] + [space.Fock(q, n) for q in (3, 4) for n in (1, 2)]
    fixed = [space.Spin(1 / 2, 4, total_sz=0), space.Spin(1 / 2, 3, total_sz=1 / 2), space.Spin(1, 4, total_sz=0)]
    fixed += [space.Fock(2, 4, n_particles=3), space.Fock(3, 4, n_particles=3), space.Fock(4, 4, n_particles=3)]
    return free + fixed


SPACES = _spaces()


def samples(hilbert: Any, dtype: Any = np.int8) -> NDArray[Any]:
    """All states of a small space, [n_states, N]."""
    return np.asarray(hilbert.all_states()).astype(dtype)


def missing_parameters(operator: Any) -> dict[str, Any]:
    """A value for each free symbol that has no default."""
    return {name: PARAMETERS[name] for name, default in operator.to_ir().symbols.items() if default is None}


@st.composite
def operators(draw: Callable[..., Any]) -> Any:
    """A valid symbolic operator on one of `SPACES`; some are sums and multiples of others."""
    return written(lambda low, high: int(draw(_between(low, high))))


def seeded(seed: int, hilbert: Any = None) -> Any:
    """The operator of a seed, the same on every machine; on that space where one is given."""
    return written(random.Random(seed).randint, hilbert)


def written(whole: Whole, hilbert: Any = None) -> Any:
    """The operator that the numbers drawn amount to."""

    def one_of(*options: Any) -> Any:
        return options[whole(0, len(options) - 1)]

    hilbert, dtype = one_of(*SPACES) if hilbert is None else hilbert, one_of(*DTYPES)
    operator = _built(whole, hilbert, dtype)
    if whole(0, 5) == 5:
        # not real and complex: a predicate may order the symbols of a real operator, which in a complex one is an error
        other = _built(whole, hilbert, dtype if dtype == "complex128" else one_of("float32", "float64"))
        operator = one_of(operator + other, operator - other, sum([operator, other]))
    if whole(0, 5) == 5:
        factor = one_of(2, -0.5, 0.25, sym.symbol("J", default=SYMBOLS["J"]))
        operator = one_of(operator * factor, factor * operator, operator / factor, -operator)
    return operator


def _built(whole: Whole, hilbert: Any, dtype: str) -> Any:
    given = np.dtype(dtype) if whole(0, 1) else dtype
    builder = sym.DOperator(hilbert, "random", dtype=given, hermitian=bool(whole(0, 1)))
    for _ in range((1, 1, 2)[whole(0, 2)]):
        _TermWriter(whole, hilbert, dtype).write(builder)
    return builder.build()


@lru_cache(maxsize=256)
def _between(low: int, high: int) -> st.SearchStrategy[int]:
    """One strategy for each range: making them is what drawing an operator would spend its time on."""
    return st.integers(low, high)


@attrs.define(eq=False)
class _Rows:
    """Where a term acts, as its expressions see it. ``columns``: name -> (entries per row or per site, kind)."""

    labels: tuple[str, ...]
    rows: NDArray[Any]
    columns: dict[str, tuple[str, str]]


class _TermWriter:
    """Draws one term. Kinds of numbers are "int", "real" and "complex"; ``degree`` counts factors of an exact product."""

    def __init__(self, whole: Whole, hilbert: Any, dtype: str) -> None:
        self.whole, self.size, self.dtype = whole, hilbert.size, dtype
        self.states = sorted(int(s) for s in hilbert.local_states)
        self.step = self.states[1] - self.states[0]
        self.complex = dtype.startswith("complex")
        self.at = _Rows((), np.zeros((1, 0), dtype=int), {})
        self.made: list[Any] = []  # amplitudes, to be used again: expressions are graphs
        self.nonzero: list[Any] = []  # what the term's predicate keeps from being zero

    def of(self, *options: Any) -> Any:
        return options[self.whole(0, len(options) - 1)]

    def call(self, *options: Callable[[], Any]) -> Any:
        return self.of(*options)()

    def once_in(self, n: int) -> bool:
        return self.whole(0, n - 1) == n - 1

    # --- the term ---

    def write(self, builder: Any) -> None:
        self.iterator(builder)
        if self.once_in(4):
            builder.named(self.of("bond", "field", "π"))
        if self.once_in(3):
            guard = self.exact(1, 1, "int")
            builder.where(guard != 0)
            self.nonzero.append(guard)
        if self.once_in(3):
            self.where(builder)
        emissions = 0
        while not emissions or (emissions < 3 and self.once_in(3)):
            emissions += self.emissions(builder)
        if self.once_in(6):
            self.where(builder)
        if self.once_in(3):
            slots = len(self.at.rows) * emissions
            promise = self.of(builder.fanout, builder.max_conn_size)
            promise(max(1, slots - self.whole(0, slots)) if self.once_in(2) else slots)

    def where(self, builder: Any) -> None:
        if self.once_in(8):
            builder.where(self.of(True, np.True_, False))
        elif self.once_in(4):
            builder.where(lambda ctx: self.predicate(1))
        else:
            builder.where(self.predicate(2))

    def iterator(self, builder: Any) -> None:
        n = self.size
        kind = self.of(
            "sites", "rows", "rows", "pairs", "distinct", "globally", "triplet", "plaquette", "graph", "bare"
        )
        if kind in ("distinct", "graph") and n == 1:
            kind = "sites"
        sites = np.arange(n)
        pairs = np.indices((n, n)).reshape(2, -1).T
        if kind == "sites":
            self.open(builder.for_each_site, ("i",), sites[:, None])
        elif kind == "pairs":
            self.open(builder.for_each_pair, ("i", "j"), pairs)
        elif kind == "distinct":
            self.open(builder.for_each_distinct_pair, ("i", "j"), pairs[pairs[:, 0] != pairs[:, 1]])
        elif kind == "globally":
            self.open(builder.globally, (), np.zeros((1, 0), dtype=int))
        elif kind == "graph":
            self.graph(builder)
        else:
            self.rows(builder, kind)

    def rows(self, builder: Any, kind: str) -> None:
        labels = {"triplet": ("a", "b", "c"), "plaquette": ("a", "b", "c", "d"), "bare": ("i",)}.get(kind)
        labels = labels or ("i", "j", "k")[: self.whole(1, 3)]
        shape = (self.whole(1, 4), len(labels))
        rows = np.array([self.whole(0, self.size - 1) for _ in range(shape[0] * shape[1])]).reshape(shape)
        given = self.of(rows, rows.astype(np.int8), [tuple(row) for row in rows.tolist()])
        if kind in ("triplet", "plaquette"):
            opener = getattr(builder, f"for_each_{kind}")
            self.open(lambda *names, columns: opener(*names, over=given, columns=columns), labels, rows)
        else:
            given = rows[:, 0] if kind == "bare" else given
            names = labels[0] if kind == "bare" else labels
            self.open(lambda *_, columns: builder.for_each(names, over=given, columns=columns), labels, rows)

    def graph(self, builder: Any) -> None:
        graph = self.of(nx.cycle_graph, nx.path_graph, nx.complete_graph)(self.size)
        if self.size == 2:
            graph = nx.path_graph(2)
        for number, (_, _, data) in enumerate(graph.edges(data=True)):
            data["weight"] = (number - 1) / 8
        rows = np.array(graph.edges())
        weighted = {"J": "weight"}

        def opened(*labels: str, columns: dict[str, Any]) -> None:
            builder.for_each(labels, over=graph, columns={**columns, **weighted})

        self.open(opened, ("i", "j"), rows)
        self.at.columns["J"] = ("row", "real")

    def open(self, opener: Any, labels: tuple[str, ...], rows: NDArray[Any]) -> None:
        self.at = _Rows(labels, rows, {})
        columns = {name: self.column(name, len(rows)) for name in ("w", "m", "f", "t") if self.once_in(3)}
        opener(*labels, columns=columns)

    def column(self, name: str, n_rows: int) -> NDArray[Any]:
        shape, kind = {"w": ("row", "any"), "m": ("site", "mask"), "f": ("site", "int"), "t": ("site", "real")}[name]
        if kind == "any":
            kind = self.of("int", "real", "complex") if self.complex else self.of("int", "real")
        count = n_rows * (self.size if shape == "site" else 1)
        low, high = (0, 1) if kind == "mask" else (-2, 2) if kind == "int" else (-8, 8)
        numbers = np.array([self.whole(low, high) for _ in range(count)])
        array = numbers.reshape((n_rows, self.size) if shape == "site" else (n_rows,))
        self.at.columns[name] = (shape, kind)
        if kind in ("real", "complex"):
            array = array / 8
        return array * (1 - 0.5j) if kind == "complex" else array

    def columns(self, shape: str, *kinds: str) -> list[str]:
        return [name for name, have in self.at.columns.items() if have[0] == shape and have[1] in kinds]

    # --- emissions ---

    def emissions(self, builder: Any) -> int:
        """One emission, or a chain of them; how many."""
        form = self.of("emit", "emit_if", "emit_if", "elseif", "else", "long")
        if form == "emit":
            update, guard = self.guarded_update()
            if guard is True:
                self.emit(builder.emit, update)
            else:
                self.emit(builder.emit_if, update, guard)
            return 1
        update, guard = self.guarded_update()
        self.emit(builder.emit_if, update, self.predicate(1) & guard)
        if form == "emit_if":
            return 1
        more = 0
        if form in ("elseif", "long"):
            update, guard = self.guarded_update()
            self.emit(builder.emit_elseif, update, self.predicate(1) & guard)
            more += 1
        if form in ("else", "long"):
            self.emit(builder.emit_else, self.update(self.whole(0, 2)))
            more += 1
        return 1 + more

    def emit(self, method: Any, update: Any, *predicate: Any) -> None:
        keywords: dict[str, Any] = {}
        if not self.once_in(6):
            amplitude = self.amplitude(2)
            if self.once_in(5):
                keywords["matrix_element"] = amplitude
            else:
                keywords["amplitude"] = self.of(amplitude, amplitude, lambda ctx: amplitude)
        if self.once_in(4):
            keywords["tag"] = self.of("raise", "lower")
        if predicate and self.once_in(6):
            predicate = (lambda ctx, given=predicate[0]: given,)
        if update is None and self.once_in(2):
            method(*predicate, **keywords)
        else:
            method(*predicate, sym.identity if update is None else update, **keywords)

    # --- updates ---

    def guarded_update(self) -> tuple[Any, Any]:
        """An update, and where it stays within the local states as far as that is easily told."""
        if not self.at.labels or self.once_in(3):
            return self.update(self.whole(0, 3)), True
        a = self.of(*self.at.labels)
        b = self.of(*self.at.labels)
        low, high = self.states[0], self.states[-1]
        up = self.of(self.step, -self.step)
        s = sym.site
        room = {a: s(a) <= high - up if up > 0 else s(a) >= low - up}
        update = sym.shift(a, up)
        guard = room[a]
        if b != a and self.once_in(2):
            update = update.shift(s(b), -up)
            guard = guard & (s(b).value >= low + up if up > 0 else s(b).value <= high + up) & (s(a).index != s(b).index)
        return update, guard

    def update(self, steps: int) -> Any:
        """A chain of steps, or None for none."""
        chain = None
        for _ in range(steps):
            chain = self.one_step(chain, nesting=2)
        return chain

    def one_step(self, chain: Any, nesting: int) -> Any:
        on = sym.Update if chain is None else chain
        kinds = ["write", "shift", "shift_mod", "shift_mod", "affine", "swap", "swap", "permute", "scatter"]
        if len(self.states) == 2 and self.columns("site", "mask"):
            kinds += ["flip"] * 3
        if nesting:
            kinds += ["cond", "cond", "invalidate"]
        kind = self.of(*kinds)
        if kind == "write":
            return on.write(self.site(), self.state())
        if kind == "shift":
            return on.shift(self.site(), self.change())
        if kind == "shift_mod":
            return on.shift_mod(self.site(), self.change(many=3))
        if kind == "affine":
            mirrored = self.states[0] + self.states[-1]
            scale, bias = self.of((-1, mirrored), (-1, mirrored), (1, 0), (0, self.states[0]), (2, 0), (-1, 0))
            return on.affine(self.site(), scale=self.lifted(scale), bias=self.lifted(bias))
        if kind == "swap":
            return on.swap(self.site(), self.site())
        if kind == "permute":
            return on.permute(*[self.site() for _ in range(self.whole(1, 4))])
        if kind == "scatter":
            count = self.whole(1, 3)
            return on.scatter([self.site() for _ in range(count)], [self.state() for _ in range(count)])
        if kind == "flip":
            return on.flip(self.of(*self.columns("site", "mask")))
        if kind == "invalidate":
            rest = self.one_step(None, 0)
            return on.cond(self.predicate(1, symbols=False), if_true=sym.invalidate("no room"), if_false=rest)
        return self.cond(on, nesting - 1)

    def cond(self, on: Any, nesting: int) -> Any:
        sides = []
        for _ in range(2):
            side = None
            for _ in range(self.whole(0, 2)):
                side = self.one_step(side, nesting)
            sides.append(side)
        if_true, if_false = (sym.identity if side is None else side for side in sides)
        predicate = self.predicate(1, symbols=False)
        return on.cond(predicate, if_true=if_true) if sides[1] is None else on.cond(predicate, if_true, if_false)

    def state(self) -> Any:
        """What is written: mostly a local state."""
        kind = self.of("constant", "read", "wrapped", "mirrored", "chosen", "any")
        if kind == "constant":
            return self.of(*self.states)
        read = self.read()
        if kind == "read":
            return read
        if kind == "wrapped":
            return sym.wrap_mod(read + self.step * self.exact(1, 1, "int", symbols=False))
        if kind == "mirrored":
            return self.states[0] + self.states[-1] - read
        if kind == "chosen":
            return sym.where(self.predicate(1, symbols=False), self.of(*self.states), read)
        return self.exact(2, 1, self.of("int", "int", "real"), symbols=False)

    def change(self, many: int = 1) -> Any:
        kind = self.of("constant", "constant", "whole", "any")
        if kind == "constant":
            return self.step * self.whole(-many, many)
        number = self.exact(1, 1, "real" if kind == "any" and self.once_in(3) else "int", symbols=False)
        return number if kind == "any" else self.step * number

    def lifted(self, number: int) -> Any:
        """The number, or an expression that amounts to it."""
        return self.of(number, number, float(number), number + 0 * self.read())

    # --- sites ---

    def site(self) -> Any:
        """A site in one of the ways in which one can be named."""
        n, labels = self.size, self.at.labels
        if not labels or self.once_in(6):
            return self.of(int, np.int32)(self.whole(0, n - 1))
        a = self.of(*labels)
        index = sym.site(a).index
        b = sym.site(self.of(*labels)).index
        return self.of(
            a,
            a,
            sym.site(a),
            index,
            n - 1 - index,
            sym.where(index < n - 1, index + 1, 0),
            (index - b).abs(),
            0 * index,
        )

    def read(self) -> Any:
        """The value of a site in x."""
        if not self.at.labels or self.once_in(4):
            return sym.source_index(self.site())
        return sym.site(self.of(*self.at.labels)).value

    # --- what is exact ---

    def leaf(self, kind: str, *, emitted: bool = False, symbols: bool = True, small: bool = False) -> Any:
        """A leaf of at most this kind: below 2**9 and a multiple of 1/8, if small between -4 and 4."""
        at = self.at
        options: list[Callable[[], Any]] = [lambda: self.whole(-2, 2), self.read, self.read]
        if at.labels:
            options.append(lambda: sym.site(self.of(*at.labels)).index)
        if emitted:
            options.append(lambda: sym.target_index(self.site()))
            options += [lambda: sym.emitted(self.of(*at.labels)).value] * bool(at.labels)
        kinds = ("int", "mask", *(("real",) if kind != "int" else ()), *(("complex",) if kind == "complex" else ()))
        options += [lambda name=name: sym.column(name) for name in self.columns("row", *kinds)]
        if not small:
            options += [lambda name=name: sym.dot(name) for name in self.columns("site", *kinds)]
            options += [lambda name=name: sym.prod(name) for name in self.columns("site", "mask")]
        if kind != "int":
            options.append(lambda: self.whole(-16, 16) / 8)
            if symbols and (kind == "complex" or not self.complex):
                options.append(self.symbol)
        if kind == "complex":
            options.append(lambda: complex(self.whole(-8, 8), self.whole(-8, 8)) / 8)
        picked = self.call(*options)
        return as_amplitude(picked) if isinstance(picked, int | float | complex) else picked

    def symbol(self) -> Any:
        known = COMPLEX_SYMBOLS if self.complex else SYMBOLS
        name = self.of(*known)
        return sym.symbol(name, default=known[name], doc="a free number")

    def exact(self, degree: int, depth: int, kind: str, *, emitted: bool = False, symbols: bool = True) -> Any:
        """An expression that no rounding touches."""

        def part(degree: int = degree, depth: int = depth - 1) -> Any:
            return self.exact(degree, depth, kind, emitted=emitted, symbols=symbols)

        if depth == 0:
            return self.leaf(kind, emitted=emitted, symbols=symbols)
        op = self.of("leaf", "add", "sub", "mul", "neg", "abs", "conj", "pow", "select", "wrap_mod", "constant", "pos")
        if op == "add":
            return part() + part()
        if op == "sub":
            return part() - part()
        if op == "mul" and degree > 1:
            return part(degree // 2) * part(degree - degree // 2)
        if op == "pow":
            power = self.whole(0, min(3, degree))
            return part(max(1, degree // max(1, power)), 0) ** power
        if op == "select":
            return sym.where(self.predicate(depth - 1, emitted=emitted, symbols=symbols), part(), part())
        if op == "abs" and kind != "complex":
            return self.call(lambda: part().abs(), lambda: abs(part()))
        if op == "wrap_mod" and kind != "complex":
            return sym.wrap_mod(part())
        if op == "constant":
            constant = self.whole(-2, 2)
            inner = part()
            half = 2 if kind == "int" else np.float64(0.5)
            return self.of(inner + constant, constant - inner, inner * self.of(1, -1, 2), half * inner)
        if op in ("neg", "pos", "conj"):
            inner = part()
            return {"neg": -inner, "pos": +inner, "conj": inner.conj()}[op]
        return self.leaf(kind, emitted=emitted, symbols=symbols)

    def predicate(self, depth: int, *, emitted: bool = False, symbols: bool = True) -> Any:
        op = (
            self.of("state", "state", "compare", "compare", "and", "or", "not", "constant", "equal")
            if depth
            else "state"
        )
        if op == "state":
            read = self.read()
            state = self.of(*self.states)
            return self.of(read == state, read != state, read < state, read >= state, read <= state, state < read)
        if op == "compare":
            if self.complex and symbols and self.once_in(4):
                left, right = (self.exact(1, 1, "complex", emitted=emitted) for _ in range(2))
                return self.of(left == right, left != right)
            kind = self.of("int", "int", "real")
            left, right = (self.exact(2, depth, kind, emitted=emitted, symbols=symbols) for _ in range(2))
            return self.of(left == right, left != right, left < right, left <= right, left > right, left >= right)
        if op == "constant":
            first = self.predicate(0)
            return self.of(first & True, True & first, first | False, False | first, first & self.of(True, False))
        first = self.predicate(depth - 1, emitted=emitted, symbols=symbols)
        if op == "not":
            return ~first
        second = self.predicate(depth - 1, emitted=emitted, symbols=symbols)
        return {"and": first & second, "or": first | second, "equal": self.of(first == second, first != second)}[op]

    # --- amplitudes ---

    @property
    def kind(self) -> str:
        return "complex" if self.complex else "real"

    def amplitude(self, depth: int) -> Any:
        """Any expression; of those with jumps the arguments are exact."""
        made = self.any_amplitude(depth)
        self.made.append(made)
        return made

    def any_amplitude(self, depth: int) -> Any:
        if depth == 0:
            return self.exact(1, 1, self.kind, emitted=True)
        if self.made and self.once_in(5):
            return self.of(*self.made)
        op = self.of(
            "exact", "add", "sub", "mul", "div", "neg", "abs", "conj", "select", "select",
            "sqrt", "exp", "log", "sin", "cos", "power", "square", "wrap_mod", "number",
        )  # fmt: skip
        if op == "number":
            return as_amplitude(self.of(1, 0.125, -1.5))
        if op == "exact":
            return self.exact(2, 2, self.kind, emitted=True)
        if op in ("add", "sub", "mul"):
            left, right = self.amplitude(depth - 1), self.amplitude(depth - 1)
            return {"add": left + right, "sub": left - right, "mul": left * right}[op]
        if op == "div":
            return self.quotient(self.amplitude(depth - 1))
        if op == "select":
            predicate = self.predicate(1, emitted=True)
            return sym.where(predicate, self.amplitude(depth - 1), self.amplitude(depth - 1))
        if op in ("sin", "cos", "neg", "abs", "conj"):
            inner = self.amplitude(depth - 1)
            inner = self.small() if op in ("sin", "cos") and self.complex else inner
            return -inner if op == "neg" else getattr(inner, op)()
        if op == "exp":
            inner = self.small()
            return self.of(inner.exp(), inner.cos().exp(), 2**inner)
        if op == "wrap_mod":
            return sym.wrap_mod(self.exact(1, 1, "real", emitted=True))
        return self.rooted(op)

    def small(self) -> Any:
        """Exact, and of at most 4 in size, so that exponentials stay where their sums keep digits."""
        return self.leaf(self.kind, emitted=True, small=True)

    def positive(self) -> Any:
        return self.exact(1, 1, "real", emitted=True).abs() + self.whole(1, 8) / 8

    def quotient(self, top: Any) -> Any:
        form = self.of("positive", "guarded", "select", "complex", "bare")
        bottom = self.exact(1, 1, "real", emitted=True)
        if form == "guarded" and self.nonzero:
            return top / self.of(*self.nonzero)
        if form == "select":
            return sym.where(bottom != 0, top / bottom, self.whole(-2, 2))
        if form == "complex" and self.complex:
            return top / (bottom + 0.5j)
        if form == "bare" and not self.complex:
            return top / bottom
        bottom = self.positive()
        return self.of(top / bottom, 0.5 / bottom)

    def rooted(self, op: str) -> Any:
        """Roots, logarithms and powers: of what is positive, is made so by a guard, or (in real dtypes) of anything."""
        base = self.exact(1, 1, "real", emitted=True)
        form = self.of("positive", "select", "guarded", "bare")
        if form == "select":
            return sym.where(base > 0, self.applied(op, base), self.whole(-2, 2))
        if form == "guarded" and self.nonzero:
            return self.applied(op, self.of(*self.nonzero).abs())
        if form == "bare" and not self.complex:
            return self.applied(op, base)
        return self.applied(op, self.positive())

    def applied(self, op: str, base: Any) -> Any:
        if op in ("sqrt", "log"):
            return getattr(base, op)()
        if op == "square":
            return base ** self.of(-2, -1, 0, 1, 2, 3, 2.0)
        return self.of(base**0.5, base**-0.75, base ** self.leaf("int", small=True), base**1.5)
