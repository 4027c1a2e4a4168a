"""A Hilbert space as data and back, whichever package it is of; and whether another one will do."""

from __future__ import annotations

import importlib
import json
from typing import Any

import numpy as np

from nqx_graph import hilbert as embedded
from nqx_graph.errors import HilbertError, IRFormatError, listed
from nqx_graph.space import ADAPTERS, SpaceView, view

OWN = "nqx_graph"


def package_of(space: Any) -> str:
    """The package that makes such a space of its form as data."""
    roots = (kind.__module__.partition(".")[0] for kind in type(space).__mro__)
    return next((root for root in roots if root in ADAPTERS), OWN)


def from_form(package: str, form: Any) -> Any:
    """The space whose form as data this is.

    Raises:
        IRFormatError: if it is none of that package, or there are no spaces of it.
        ImportError: if the package cannot be imported here.
    """
    if package == OWN:
        return embedded.from_data(form)
    if package not in ADAPTERS:
        raise IRFormatError(f"there are no Hilbert spaces of the package {package!r}; known are {listed(ADAPTERS)}.")
    return importlib.import_module(ADAPTERS[package]).from_form(form)


def described(space: Any, *, with_form: bool) -> dict[str, Any]:
    """What a file says of a space. The local states are always in it, so that a space that is given can be looked at.

    Raises:
        HilbertError: if the form is asked for and there is none.
    """
    seen = view(space)
    if with_form and seen.form is None:
        raise HilbertError(
            f"the operator cannot be saved with its Hilbert space, because {seen.no_digest_reason}. Save it without, as in "
            "save(operator, path, with_hilbert=False), and give the space when loading, as in load(path, hilbert=space)."
        )
    return {
        "package": package_of(space),
        "type": type(space).__name__,
        "size": seen.size,
        "local_states": _local_states(seen),
        "form": _plain(seen.form) if with_form else None,
    }


def restored(data: Any, given: Any, path: str) -> Any:
    """The space that a file describes, or the given one where it is that.

    Raises:
        IRFormatError: if the description has not the form that `described` writes.
        HilbertError: if the space cannot be made here, or the given one is another.
    """
    _check(data)
    if given is not None:
        return _accepted(data, given, path)
    if data["form"] is None:
        raise HilbertError(
            f"{path} was saved without its Hilbert space, a {data['type']} of {data['size']} sites; give it, as in "
            "load(path, hilbert=space).",
            path=path,
        )
    try:
        made = from_form(data["package"], data["form"])
    except ImportError as problem:
        name = data["package"]
        raise HilbertError(
            f"the operator in {path} acts on a {data['type']} of {name}, which cannot be imported here ({problem}); install "
            f"it, as in pip install 'nqx_graph[{name}]'.",
            path=path,
        ) from problem
    try:
        agrees = made.size == data["size"] and described(made, with_form=True) == data
    except (ValueError, OverflowError, MemoryError) as problem:
        raise IRFormatError(f"{path} describes a Hilbert space that is none: {problem}.", path=path) from problem
    if not agrees:
        raise IRFormatError(f"{path} describes a Hilbert space in two ways that do not agree.", path=path)
    return made


def _accepted(data: dict[str, Any], given: Any, path: str) -> Any:
    """The given space, if everything that the file says holds of it; the name of its class may be another."""
    seen = view(given)
    form = None if data["form"] is None else _plain(seen.form)
    package = data["package"] if form is None else package_of(given)
    own = {"package": package, "size": seen.size, "local_states": _local_states(seen), "form": form}
    wrong = [name.replace("_", " ") for name, value in own.items() if value != data[name]]
    if wrong:
        raise HilbertError(
            f"the operator in {path} acts on another space than the given {given!r}: a {data['type']} of {data['package']} "
            f"with {data['size']} sites; they differ in {listed(wrong)}. Give an equal space"
            + (", or none: the file has it." if data["form"] is not None else "."),
            path=path,
        )
    return given


def _local_states(seen: SpaceView) -> list[dict[str, Any]]:
    """The local states of each site, in their order; of one site where all have the same."""
    sites = range(1 if seen.homogeneous else seen.size)
    if seen.table is not None:
        return [{"states": np.unique(seen.table[site]).tolist()} for site in sites]
    columns = (seen.low, seen.step, seen.count)
    return [dict(zip(("low", "step", "count"), (c[site].item() for c in columns), strict=True)) for site in sites]


def _plain(form: Any) -> Any:
    """The form as JSON gives it back."""
    return None if form is None else json.loads(json.dumps(dict(form)))


def _check(data: Any) -> None:
    kinds = {"package": (str,), "type": (str,), "size": (int,), "local_states": (list,), "form": (dict, type(None))}
    if type(data) is not dict or set(data) != set(kinds):
        raise IRFormatError(f"a Hilbert space in a file has {listed(kinds)}; it is {repr(data)[:200]}.")
    for name, allowed in kinds.items():
        if type(data[name]) not in allowed:
            raise IRFormatError(f"{name!r} of a Hilbert space cannot be {repr(data[name])[:60]}.")
