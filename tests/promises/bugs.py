"""Bugs to be caught: each patches the package into being wrong in one way, and names tests that have to notice.

``pytest -p promises.bugs --seeded-bug NAME`` runs with it; ``test_the_oracle.py`` sees to it that every one fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import jax.numpy as jnp
import numpy as np

MODELS, RUN = "tests/test_models.py", "tests/kernel/test_run.py"
AMPLITUDE, TARGET = "tests/kernel/test_amplitude.py", "tests/kernel/test_target.py"
KEYS, STORE = "tests/cache/test_key.py", "tests/disk/test_store.py"
BUGS: dict[str, tuple[Callable[[], None], tuple[str, ...]]] = {}


def bug(*selection: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a bug with the tests that have to notice it."""

    def register(apply: Callable[[], None]) -> Callable[[], None]:
        BUGS[apply.__name__] = (apply, selection)
        return apply

    return register


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--seeded-bug", default=None, help="apply a bug of tests/promises/bugs.py")


def pytest_configure(config: Any) -> None:
    name = config.getoption("--seeded-bug")
    if name is not None:
        BUGS[name][0]()


# --- kernels ---


def change_sites(change: Callable[[Any], Any]) -> None:
    """Change the site numbers [slots, M] of every term where all else has been lowered."""
    from nqx_graph.lowering import jax_symbolic_v1 as lowerer

    real = lowerer.with_motion

    def wrong(*args: Any) -> Any:
        structure, tables = real(*args)
        terms = tuple(own._replace(sites=change(own.sites)) for own in tables.terms)
        return structure, tables._replace(terms=terms)

    lowerer.with_motion = wrong


@bug(MODELS)
def drop_the_last_row() -> None:
    change_sites(lambda sites: np.concatenate([sites[:, :-1], sites[:, :1]], axis=1))


@bug(MODELS)
def clamp_an_index() -> None:
    change_sites(lambda sites: np.minimum(sites, max(sites.max(initial=0) - 1, 0)))


@bug(AMPLITUDE)
def skip_a_dtype_promotion() -> None:
    from nqx_graph.kernel import amplitude

    real = amplitude._leaf
    amplitude._leaf = lambda row, env, target: env.read(row.data[0]) if row.op == "read" else real(row, env, target)


@bug(RUN, MODELS)
def ignore_a_second_emission() -> None:
    from nqx_graph.kernel import run

    real = run._emissions

    def wrong(env: Any) -> Any:
        first, *others = real(env)
        return [first, *(attrs.evolve(other, mels=other.mels * 0) for other in others)]

    run._emissions = wrong


@bug(f"{RUN}::test_promises")
def pad_with_zeros() -> None:
    from nqx_graph.kernel import run

    real = run.compact

    def wrong(branches: Any, slots: int, x: Any) -> Any:
        front, over = real(branches, slots, x)
        return attrs.evolve(front, xp=jnp.where(front.active[..., None], front.xp, 0)), over

    run.compact = wrong


@bug(f"{MODELS}::test_heisenberg")
def forget_the_predicate_of_a_term() -> None:
    from nqx_graph.kernel import run

    run.predicate = lambda lines, env: None


@bug(f"{AMPLITUDE}::test_excluded_branches_reach_neither_value_nor_gradient")
def keep_the_mask_at_the_top() -> None:
    from nqx_graph.kernel import run

    real = run.amplitude
    run.amplitude = lambda lines, env, target, mask: real(lines, env, target, None)


@bug(f"{MODELS}::test_fermions")
def conjugate_the_constants() -> None:
    from nqx_graph.lowering import jax_symbolic_v1 as lowerer

    real = lowerer.lower_operator

    def wrong(*args: Any) -> Any:
        structure, tables = real(*args)
        return structure, tables._replace(numbers=np.conj(tables.numbers))

    lowerer.lower_operator = wrong


@bug(TARGET)
def read_x_where_x_prime_is_meant() -> None:
    from nqx_graph.kernel.target import Target

    Target.read = lambda self, slot, after=None: self.env.read(slot).astype(self.dtype)


@bug(f"{TARGET}::test_on_all_pairs[swap]")
def write_one_side_of_a_swap() -> None:
    from nqx_graph.kernel.target import Target

    real = Target._values

    def wrong(self: Any, step: Any) -> Any:
        made = real(self, step)
        return [made[0]] * len(made) if step.kind == "swap" else made

    Target._values = wrong


@bug("tests/kernel/test_env.py", MODELS)
def wrap_from_zero() -> None:
    from nqx_graph.kernel.env import Env

    def wrong(self: Any, value: Any, slot: int | None) -> Any:
        span = self.per_site(self.states.step * self.states.count, 0 if slot is None else slot, value.dtype)
        return jnp.mod(value, span)

    Env.wrap = wrong


@bug(f"{RUN}::test_branches_outside_the_space_and_promises")
def trust_every_branch_to_stay() -> None:
    from nqx_graph.kernel import from_ir

    from_ir._written = lambda steps: ()


@bug(f"{RUN}::test_promises")
def drop_branches_beyond_a_promise() -> None:
    from nqx_graph.kernel import run

    real = run.compact

    def wrong(branches: Any, slots: int, x: Any) -> Any:
        front, over = real(branches, slots, x)
        return front, jnp.zeros_like(over)

    run.compact = wrong


@bug("tests/kernel/test_fused.py")
def lose_what_is_added_to_a_slot() -> None:
    from nqx_graph.kernel import fused

    fused._with_additions = lambda shared, base, block, arrays: (base.elements(), base.valid)


@bug("tests/kernel/test_fused.py", "tests/lowering/test_jax_fused_v1.py")
def forget_the_sign_of_a_factor() -> None:
    from nqx_graph.kernel.fused import Stream

    real = Stream.scaled

    def wrong(self: Any, core: Any, mask: Any) -> Any:
        self.tables = self.tables._replace(factor=jnp.abs(jnp.asarray(self.tables.factor)))
        return real(self, core, mask)

    Stream.scaled = wrong


@bug("tests/kernel/test_fused.py")
def turn_one_site_too_few() -> None:
    from nqx_graph.kernel import motion

    real = motion.dense

    def wrong(pattern: Any, size: int) -> Any:
        made = real(pattern, size)
        return made.at[..., -1].set(0)

    motion.dense = wrong


@bug("tests/operators/test_parameters.py")
def take_the_default_of_a_parameter() -> None:
    from nqx_graph.operators import compiled

    compiled.parameters.with_parameters = lambda known, values, dtype, name: dict(known)


# --- keys and stores ---


@bug(KEYS, "tests/promises/test_no_shared_key.py")
def forget_the_space_in_the_key() -> None:
    from nqx_graph.cache.key import SymbolicCompilationSignature as Signature

    real = Signature.from_context.__func__

    def wrong(cls: Any, context: Any) -> Any:
        made = real(cls, context)
        covered = tuple(pair for pair in made.covered if pair[0] not in ("hilbert", "space"))
        return attrs.evolve(made, hilbert_digest="the same", covered=covered)

    Signature.from_context = classmethod(wrong)


@bug(KEYS, "tests/promises/test_no_shared_key.py")
def forget_the_options_in_the_key() -> None:
    from nqx_graph.cache.key import SymbolicCompilationSignature as Signature

    real = Signature.from_context.__func__

    def wrong(cls: Any, context: Any) -> Any:
        made = real(cls, context)
        return attrs.evolve(made, options=(), covered=tuple(pair for pair in made.covered if pair[0] != "options"))

    Signature.from_context = classmethod(wrong)


@bug("tests/ir/test_encode.py", KEYS)
def leave_the_index_rows_out_of_the_fingerprint() -> None:
    from nqx_graph.ir import encode

    real = encode._encode_array
    encode._ENCODERS[np.ndarray] = lambda array: b"rows" if array.dtype == np.int32 and array.ndim == 2 else real(array)


@bug("tests/ir/test_encode.py", KEYS)
def leave_all_emissions_but_the_first_out_of_the_fingerprint() -> None:
    from nqx_graph.ir import encode

    real = encode.encode_fields

    def wrong(value: Any) -> bytes:
        if type(value).__name__ == "SymbolicIRTerm" and len(value.emissions) > 1:
            value = attrs.evolve(value, emissions=value.emissions[:1])
        return real(value)

    encode.encode_fields = wrong


@bug("tests/disk/test_entry.py")
def trust_the_digest_of_an_entry() -> None:
    from nqx_graph.disk import entry

    class Always:
        def __init__(self, data: Any) -> None:
            self.data = data

        def digest(self) -> Any:
            class Equal(bytes):
                def __ne__(self, other: object) -> bool:
                    return False

                def __eq__(self, other: object) -> bool:
                    return True

                __hash__ = bytes.__hash__

            return Equal(32)

    entry.hashlib = type("hashlib", (), {"sha256": staticmethod(Always)})


@bug(f"{STORE}::test_swapped_entries_are_never_served")
def serve_the_entry_of_another_key() -> None:
    from nqx_graph.disk import store

    real = store.unpack

    def wrong(data: bytes, key: bytes) -> Any:
        return real(data, data[44 : 44 + len(key)])

    store.unpack = wrong


@bug(f"{STORE}::test_the_folder_is_made_for_its_owner_alone")
def write_in_place() -> None:
    from pathlib import Path

    from nqx_graph.disk import folder

    folder.write = lambda path, data: Path(path).write_bytes(data)
