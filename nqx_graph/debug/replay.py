"""Running a failure bundle again, to the same error."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import jax

from nqx_graph.debug.bundle import surroundings, type_name
from nqx_graph.debug.reading import Bundle, read_bundle
from nqx_graph.debug.rebuilding import rebuild
from nqx_graph.environment import x64_enabled
from nqx_graph.errors import BundleError, NqxError, SymbolicCompilerError
from nqx_graph.graph import Stage
from nqx_graph.operators.symbolic import SymbolicOperator

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


@attrs.frozen(eq=False)
class Replay:
    """What came of running a bundle again; ``print`` says it in words.

    Attributes:
        bundle: what was run.
        same: whether the same error appeared in the same stage.
        error: the error that appeared, or None.
        differences: how it is not the same.
        remarks: where the replay is not what the bundle was written with.
    """

    bundle: Bundle
    same: bool
    error: SymbolicCompilerError | None
    differences: tuple[str, ...]
    remarks: tuple[str, ...]

    def __str__(self) -> str:
        failure = self.bundle["failure"]
        name = self.bundle["operator"]["name"]
        what = f"the operator {name!r}" if name is not None else self.bundle["operator"]["type"]
        lines = [f"{what} failed in stage {failure['stage']!r} with {failure['error_type']}: {failure['error']}"]
        lines += [f"remark: {remark}" for remark in self.remarks]
        if self.same:
            return "\n".join([*lines, "The same error appeared in the same stage."])
        return "\n".join([*lines, *self.differences])


def replay(
    path: str | os.PathLike[str],
    *,
    hilbert: Any = None,
    stages: Iterable[Stage] = (),
    lowerers: Iterable[Any] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Replay:
    """Compile again what a bundle describes, with an empty store, under the same setting of JAX's 64-bit switch.

    The modules that the bundle names are imported, so run bundles of people you trust.

    Args:
        path: of the file that ``dump_dir=`` wrote.
        hilbert: the space, where the bundle has no form of it; in place of the bundle's where it has one.
        stages: to take in place of those of the same name, such as ones written in a notebook.
        lowerers: likewise.
        overrides: values that analyses were fixed to, where the bundle has no form of them.

    Raises:
        OSError: if the file cannot be read. IRFormatError: if it is no bundle.
        BundleError: naming all that is missing to run it here.
    """
    from nqx_graph.compiler import SymbolicCompiler

    bundle = read_bundle(path)
    with _x64(bundle["call"]["x64"]):
        made = rebuild(bundle, hilbert, stages, lowerers, overrides or {})
        try:
            compiler = SymbolicCompiler(graph=made.graph, options=made.options, lowerer_registry=made.registry)
        except NqxError as refused:
            raise BundleError(f"{bundle.path} cannot be run again here: {refused}", missing=()) from refused
        error: SymbolicCompilerError | None = None
        try:
            compiler.compile(
                SymbolicOperator(made.hilbert, made.ir), metadata=made.metadata, verify=bundle["call"]["verify"]
            )
        except SymbolicCompilerError as found:
            error = found
    differences = _differences(bundle, error)
    return Replay(bundle, not differences, error, differences, (*made.remarks, *_remarks(bundle)))


def _differences(bundle: Bundle, error: SymbolicCompilerError | None) -> tuple[str, ...]:
    failure = bundle["failure"]
    if error is None:
        return ("It compiled: the error did not appear.",)
    cause = error.__cause__
    now = {
        "stage": error.facts["stage"],
        "error_type": None if cause is None else type_name(cause),
        "error": None if cause is None else str(cause),
    }
    words = {
        "stage": "Another stage failed",
        "error_type": "Another error appeared",
        "error": "The error says something else",
    }
    return tuple(
        f"{words[name]}: {value!r}; the bundle has {failure[name]!r}."
        for name, value in now.items()
        if _comparable(value) != _comparable(failure[name])
    )


def _comparable(text: str | None) -> str | None:
    """A text without addresses, which no two processes share."""
    return None if text is None else _ADDRESS.sub("0x", text)


def _remarks(bundle: Bundle) -> list[str]:
    call, now = bundle["call"], surroundings()
    remarks = []
    if call["outcome"] == "hit":
        remarks.append("the call was a hit; a replay starts with an empty store.")
    if call["instruments"]:
        remarks.append(f"the call had the instruments {', '.join(call['instruments'])}; a replay has none.")
    for name in dict.fromkeys((*bundle["versions"], *now)):
        then = bundle["versions"].get(name)
        if then != now.get(name):
            remarks.append(f"{name} is {now.get(name, 'not there')}; the bundle was written with {then or 'none'}.")
    return remarks


@contextlib.contextmanager
def _x64(wanted: bool) -> Any:
    if x64_enabled() == wanted:
        yield
        return
    # JAX moved it here from jax.experimental
    home: Any = jax if hasattr(jax, "enable_x64") else jax.experimental
    with home.enable_x64(wanted):
        yield
