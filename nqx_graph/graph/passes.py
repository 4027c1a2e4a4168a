"""Class passes: objects with a ``name`` and ``run(context)``, taken as stages."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter, Signature
from typing import Any

from nqx_graph.errors import StageContractError, listed
from nqx_graph.graph.analysis import Analysis, check_name
from nqx_graph.graph.identity import Identity, StandIn, identity
from nqx_graph.graph.pass_context import PassContext
from nqx_graph.graph.stage import Stage


class ClassPass(StandIn):
    """A stage's function that hands what it reads to ``run`` of a pass, in a context that holds nothing else."""

    def __init__(
        self, instance: Any, reads: tuple[str, ...], writes: tuple[str, ...], context: Callable[..., Any]
    ) -> None:
        self.instance, self.reads, self.writes, self.context = instance, reads, writes, context
        self.__wrapped__ = type(instance).run  # where it was written
        self.__doc__ = inspect.getdoc(type(instance))
        self.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in reads])
        self.reader = f"the pass {instance.name!r} ({type(instance).__qualname__})"

    def __call__(self, *values: Any, **named: Any) -> Any:
        given = {**dict(zip(self.reads, values, strict=False)), **named}
        result = self.instance.run(self.context(given, reader=self.reader))
        return self._by_name(result) if isinstance(result, Mapping) else result

    def _by_name(self, result: Mapping[Any, Any]) -> Any:
        """Several outputs in order. One output is returned itself, and may be a mapping."""
        if len(self.writes) == 1 and set(result) != set(self.writes):
            return result
        if len(self.writes) > 1 and set(result) == set(self.writes):
            return tuple(result[name] for name in self.writes)
        mend = "return the value itself" if len(self.writes) == 1 else f"return a dict of {listed(self.writes)}"
        raise StageContractError(
            f"run() of {self.reader} returned a mapping of {listed(result)}, and it declares to write "
            f"{listed(self.writes)}: {mend if self.writes else 'return None'}, or change writes=.",
            stage=self.instance.name,
        )

    def identity(self, version: str | None, options: Iterable[tuple[str, Any]]) -> Identity:
        """That of the pass, as a lowerer's, and of the class of its context."""
        code, context = identity(self.instance, version=version, options=options), identity(self.context)
        return Identity(repr((code.text, context.text)), code.portable and context.portable)

    def may_change(self) -> bool:
        """A pass whose attributes are set anew is another pass."""
        return True


def as_stage(
    compiler_pass: Any,
    *,
    reads: Iterable[str | Analysis] = (),
    writes: Analysis | tuple[Analysis, ...] = (),
    always: bool = False,
    version: str | None = None,
    options: Mapping[str, Any] | None = None,
    describe: Callable[..., Mapping[str, Any]] | None = None,
    before: Any = (),
    after: Any = (),
    context: Callable[..., Any] = PassContext,
) -> Stage:
    """Make a class pass a stage; its ``name`` is what reports call it.

    Args:
        compiler_pass: an object with ``name`` and ``run(context)``, or a class that makes one without arguments.
        reads: names of all that it takes from the context; the context refuses everything else.
        writes: what ``run`` returns: the value, or for several a tuple in this order or a dict by name.
        always, version, options, describe, before, after: as in :class:`Stage`. Without ``version``, that of the pass.
        context: called as ``context(values, reader=...)`` with the values by name; what ``run`` is handed.

    Raises:
        StageContractError: if it is no such pass, or the declaration is not one.
        GraphError: if its name or a read is no identifier.
    """
    instance = _instance(compiler_pass)
    if isinstance(reads, str | Analysis):
        reads = (reads,)
    names = tuple(dict.fromkeys(read.name if isinstance(read, Analysis) else read for read in reads))
    for name in names:
        check_name(f"A read of the pass {instance.name!r}", name)
    outputs = writes if isinstance(writes, tuple) else (writes,)
    fn = ClassPass(instance, names, tuple(getattr(item, "name", "") for item in outputs), context)
    return Stage(
        name=instance.name,
        fn=fn,
        writes=outputs,
        always=always,
        version=version,
        options=options,
        describe=describe,
        before=before,
        after=after,
    )


def _instance(compiler_pass: Any) -> Any:
    if isinstance(compiler_pass, type):
        try:
            compiler_pass = compiler_pass()
        except TypeError as error:
            raise StageContractError(
                f"as_stage cannot make a {compiler_pass.__qualname__} without arguments ({error}): give it the object."
            ) from error
    kind = type(compiler_pass)
    for name, what in (("name", isinstance(getattr(compiler_pass, "name", None), str)), ("run", hasattr(kind, "run"))):
        if not what:
            raise StageContractError(
                f"as_stage takes an object with name and run(context); {compiler_pass!r}, a {kind.__qualname__}, has no "
                f"{name}. Add it, or write a function with @stage(...)."
            )
    return compiler_pass
