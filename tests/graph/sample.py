"""A small gated graph: read a text, derive a key, look up, count, make an artifact, store it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from nqx_graph.graph import BYPASS, MISS, Analysis, Graph, Stage, Supplied, stage


def note(name: str, kind: Any = object, digest: Callable[[Any], bytes | None] | None = None) -> Analysis:
    return Analysis(name, kind, f"The {name} of the sample.", digest)


SOURCE = note("source", str)
OPTIONS = note("options", dict, lambda value: repr(sorted(value.items())).encode())
METADATA = note("metadata", dict)
STORE = note("store", dict, lambda _: b"")
TEXT = note("text", str, str.encode)
CHECKED = note("checked", bool)
KEY = note("key", object)
COUNT = note("count", int)
ARTIFACT = note("artifact", str)
STATS = note("stats", dict)


@stage(writes=TEXT)
def extract(source):
    return source.strip()


@stage(writes=CHECKED, always=True)
def validate(text):
    return text.isascii()


@stage(writes=KEY, covered=True)
def derive(options, covered):
    return tuple(covered.items()) if options.get("cache", True) else None


@stage(supplies=ARTIFACT)
def lookup(key, store):
    if key is None:
        return BYPASS
    return Supplied(store[key]) if key in store else MISS


@stage(writes=COUNT, describe=lambda count: {"letters": count})
def count_letters(text: str):
    return len(text)


@stage(writes=ARTIFACT)
def lower(text, count, options):
    return f"{text} x{count} {options.get('mode', 'plain')}"


@stage()
def put(artifact, key, store):
    if key is None:
        return BYPASS
    store[key] = artifact
    return None


STAGES: tuple[Stage, ...] = (extract, validate, derive, lookup, count_letters, lower, put)
INPUTS = (SOURCE, OPTIONS, METADATA, STORE)
TARGETS = (ARTIFACT, CHECKED)


def sample_graph() -> Graph:
    return Graph(STAGES, INPUTS, TARGETS)


def call(source: str = " ab ", store: dict | None = None, **options: Any) -> dict[str, Any]:
    return {"source": source, "options": options, "metadata": {}, "store": {} if store is None else store}


def renamed(node: Stage, name: str) -> Stage:
    return attrs.evolve(node, name=name)


def made(name: str, reads: str = "", writes: Any = STATS, **declaration: Any) -> Stage:
    """A stage that returns nothing, written "here" as far as messages know."""
    space: dict[str, Any] = {}
    exec(compile(f"def {name}({reads}): return None", __file__, "exec"), space)
    return stage(writes=writes, **declaration)(space[name])
