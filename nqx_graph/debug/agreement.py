"""Do two artifacts say and do the same? Their facts are compared, then both operators are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import jax
import numpy as np

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.debug.snapshot import snapshot
from nqx_graph.space import SpaceView

SAMPLES = 32
TINY = 256  # a space of at most that many states is taken whole
_HIGHEST = 9  # where local states have no end

Fact = tuple[str, Callable[[SymbolicCompiledArtifact], Any]]
_FACTS: tuple[Fact, ...] = (
    ("backend", lambda artifact: artifact.backend),
    ("lowerer_name", lambda artifact: artifact.lowerer_name),
    ("cache_token()", lambda artifact: artifact.cache_token()),
    ("metadata", lambda artifact: artifact.metadata),
    ("compiled_operator.hilbert", lambda artifact: getattr(artifact.compiled_operator, "hilbert", None)),
    ("compiled_operator.ir", lambda artifact: getattr(artifact.compiled_operator, "ir", None)),
    ("compiled_operator.parameters", lambda artifact: getattr(artifact.compiled_operator, "parameters", None)),
)


@attrs.frozen(eq=False)
class Configurations:
    """Configurations [B, N] to run operators on, and in words how they were chosen."""

    x: Any
    how: str


def disagreement(supplied: SymbolicCompiledArtifact, made: SymbolicCompiledArtifact, space: SpaceView) -> str | None:
    """How two artifacts differ, in words; None if they do not.

    What they say of themselves is compared first: backend, lowerer, key, metadata, and of the operators space, IR and
    parameters. Then both are applied to configurations of the space, once with the parameters as they are and once with
    others, and every connected state and matrix element must be equal, with no tolerance (NaN is equal to NaN).
    An operator without ``get_conn_padded`` is compared by what it holds.
    """
    for name, read in _FACTS:
        at = snapshot(read(supplied)).differs(snapshot(read(made)), name)
        if at is not None:
            return f"{at} differs: {_shown(read(supplied))} and {_shown(read(made))}"
    operators = (supplied.compiled_operator, made.compiled_operator)
    if not all(hasattr(operator, "get_conn_padded") for operator in operators):
        at = snapshot(operators[0]).differs(snapshot(operators[1]), "compiled_operator")
        return None if at is None else f"{at} differs"
    chosen = configurations(space)
    return next((text for pair in _with_values(*operators) if (text := _applied(*pair, chosen)) is not None), None)


def configurations(space: SpaceView) -> Configurations:
    """All states where they are few, else random ones; drawn site by site where the space itself can draw none."""
    hilbert, rng = space.hilbert, np.random.default_rng(0)
    try:
        if hilbert.n_states <= TINY:
            return Configurations(np.asarray(hilbert.all_states()), f"all states of {hilbert!r}")
    except Exception:
        pass  # it does not count its states, or has too many
    # NetKet draws under a constraint that it does not know by trial and error, which may never end
    if space.bounds()[1] < float("inf") and (space.form is not None or space.contains is None):
        try:
            drawn = np.asarray(hilbert.random_state(jax.random.key(0), SAMPLES))
            return Configurations(drawn, f"{SAMPLES} random states of {hilbert!r}")
        except Exception:
            pass  # it does not draw
    count = np.where(space.count < 0, _HIGHEST + 1, space.count)
    places = rng.integers(0, count, size=(SAMPLES, space.size))
    if space.table is not None:
        x = np.take_along_axis(space.table, places.T, axis=1).T
    else:
        x = space.low + space.step * places
    return Configurations(
        x, f"{SAMPLES} configurations drawn site by site, because {hilbert!r} cannot be asked for random states"
    )


def _with_values(*operators: Any) -> Iterator[tuple[Any, Any]]:
    """Both operators with the parameters they have, those without a value given one, and then with all changed."""
    known: Mapping[str, Any] = getattr(operators[0], "parameters", None) or {}
    known = known if all(hasattr(operator, "with_parameters") for operator in operators) else {}
    others = {name: place + 2 for place, name in enumerate(sorted(known))}  # whole numbers suit every dtype
    missing = {name: value for name, value in others.items() if known[name] is None}
    for values in (missing, others) if others else ({},):
        first, second = (operator.with_parameters(**values) if values else operator for operator in operators)
        yield first, second


def _applied(supplied: Any, made: Any, chosen: Configurations) -> str | None:
    results = []
    for word, operator in (("supplied", supplied), ("made anew", made)):
        try:
            results.append(tuple(np.asarray(array) for array in operator.get_conn_padded(chosen.x)))
        except Exception as error:
            return f"applied to {chosen.how}, the one {word} raised {type(error).__name__}: {error}"
    for name, a, b in zip(("xp", "mels"), *results, strict=True):
        if a.dtype != b.dtype or a.shape != b.shape:
            return f"applied to {chosen.how}, {name} is {a.dtype}{list(a.shape)} and {b.dtype}{list(b.shape)}"
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        if not same.all():
            place = tuple(int(i) for i in np.argwhere(~same)[0])
            where = (
                f"{name}{list(place)} is {a[place]} and {b[place]} for x = {np.asarray(chosen.x)[place[0]].tolist()}"
            )
            return f"applied to {chosen.how}, {where}"
    return None


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 160 else f"{text[:120]}..."
