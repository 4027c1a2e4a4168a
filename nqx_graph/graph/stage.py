"""A node: a plain function and what it declares.

The reads of a stage are the parameters of its function, and the function gets nothing else. So a read that was not
declared cannot be written down.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from nqx_graph.errors import StageContractError, listed
from nqx_graph.graph.analysis import Analysis, check_name
from nqx_graph.graph.waits import Wait, afters, befores

COVERED = "covered"
DECLARED = "declared"


def _frozen_options(options: Mapping[str, Any] | Iterable[tuple[str, Any]] | None) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(dict(options or ()).items()))


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


@attrs.frozen(eq=False)
class Stage:
    """A function, the analyses it writes, and how the graph is to treat it. Write one with :func:`stage`.

    Attributes:
        name: what reports and errors call it.
        fn: the function; :meth:`__call__` calls it, so that a stage is tested like any function.
        writes: what it returns: one value, or a tuple in this order, or ``None`` if there is nothing to write.
        supplies: set on a gate only, the analysis that it can supply instead of the stage that makes it.
        always: whether it runs on a hit as well.
        version: its author's word for "the same code", used as its identity from one process to the next.
        options: what configures it, part of its identity.
        describe: called with the written values by name when a report is read; returns metadata.
        covered: whether its parameter ``covered`` receives the digests that a cache key has to cover.
        open_reads: whether its parameter ``declared`` receives a mapping of :attr:`extra_reads` by name.
        extra_reads: what it reads beyond its parameters, set by :meth:`Graph.with_reads`.
        before: stages that have to run later though they read nothing of this one; see :mod:`nqx_graph.graph.waits`.
        after: stages that have to run earlier though this one reads nothing of them.
        parameters: the names of the function's parameters, in order.
        reads: the names of all that it reads.
    """

    name: str
    fn: Callable[..., Any]
    writes: tuple[Analysis, ...] = ()
    supplies: Analysis | None = None
    always: bool = False
    version: str | None = None
    options: tuple[tuple[str, Any], ...] = attrs.field(default=(), converter=_frozen_options)
    describe: Callable[..., Mapping[str, Any]] | None = None
    covered: bool = False
    open_reads: bool = False
    extra_reads: tuple[str, ...] = attrs.field(default=(), converter=_each_once)
    before: tuple[Wait, ...] = attrs.field(default=(), converter=befores)
    after: tuple[Wait, ...] = attrs.field(default=(), converter=afters)
    parameters: tuple[str, ...] = attrs.field(init=False)
    reads: tuple[str, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        check_name("A stage", self.name)
        _check_writes(self)
        object.__setattr__(self, "parameters", _parameters(self))
        _check_special(self)
        special = {COVERED: self.covered, DECLARED: self.open_reads}
        plain = [name for name in self.parameters if not special.get(name)]
        object.__setattr__(self, "reads", tuple(dict.fromkeys((*plain, *self.extra_reads))))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fn(*args, **kwargs)

    @property
    def keyword_only(self) -> bool:
        """Whether a parameter can be given by name only."""
        parameters = inspect.signature(self.fn).parameters.values()
        return any(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)

    @property
    def doc(self) -> str:
        """The first line of the function's documentation, or an empty string."""
        return (inspect.getdoc(self.fn) or "").partition("\n")[0]

    @property
    def file(self) -> str:
        """The file in which the function was written, or ``<unknown>``."""
        code = getattr(inspect.unwrap(self.fn), "__code__", None)
        return str(code.co_filename) if code else "<unknown>"

    @property
    def line(self) -> int:
        """The line on which it starts, decorators included; 0 if that is not known."""
        code = getattr(inspect.unwrap(self.fn), "__code__", None)
        return int(code.co_firstlineno) if code else 0

    @property
    def place(self) -> str:
        """``file:line``, as editors and terminals link it."""
        return f"{self.file}:{self.line}"


def _check_writes(stage: Stage) -> None:
    declared = (*stage.writes, *(() if stage.supplies is None else (stage.supplies,)))
    for item in declared:
        if not isinstance(item, Analysis):
            raise StageContractError(
                f"Stage {stage.name!r} ({stage.place}) declares {item!r}, which is a {type(item).__name__}: "
                "import the Analysis and name it in writes= or supplies=."
            )
    names = [item.name for item in declared]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StageContractError(f"Stage {stage.name!r} ({stage.place}) declares {listed(twice)} twice: name it once.")
    if stage.supplies is not None and stage.writes:
        raise StageContractError(
            f"Stage {stage.name!r} ({stage.place}) is a gate that supplies {stage.supplies.name!r}, and a gate writes "
            "nothing else: move the other outputs to a stage of their own."
        )


def _parameters(stage: Stage) -> tuple[str, ...]:
    parameters = inspect.signature(stage.fn).parameters.values()
    for parameter in parameters:
        named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        if not named or parameter.default is not parameter.empty:
            raise StageContractError(
                f"Stage {stage.name!r} ({stage.place}) has the parameter `{parameter}`. Each parameter is a read, so "
                "write plain names: no defaults, nothing positional-only, no *args and no **kwargs."
            )
    return tuple(parameter.name for parameter in parameters)


def _check_special(stage: Stage) -> None:
    for flag, wanted, name in (
        ("covered=True", stage.covered, COVERED),
        ("open_reads=True", stage.open_reads, DECLARED),
    ):
        if wanted and name not in stage.parameters:
            raise StageContractError(
                f"Stage {stage.name!r} ({stage.place}) says {flag} and has no parameter {name!r} to receive what it "
                f"asks for: add the parameter, or drop {flag}."
            )
    if stage.extra_reads and not stage.open_reads:
        raise StageContractError(
            f"Stage {stage.name!r} ({stage.place}) cannot read {listed(stage.extra_reads)} beyond its parameters: "
            f"declare it with open_reads=True and a parameter {DECLARED!r}."
        )
