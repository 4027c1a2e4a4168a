"""``verify=True``: what it catches, and that it changes nothing else."""

import collections
import itertools
import threading

import attrs
import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph import Analysis, stage
from nqx_graph.errors import (
    InstrumentError,
    OptionTypeError,
    SymbolicCompilerError,
    VerificationError,
    VerificationWarning,
)
from nqx_graph.graph import Supplied
from nqx_graph.passes import as_stage
from nqx_graph.stages.analyses import TERM_FANOUTS

STATS = Analysis("stats", dict, "What the stage of a test found.")


def compiler_with(fn, writes=STATS, **declared):
    return sym.SymbolicCompiler(graph=sym.default_graph().insert(stage(writes=writes, **declared)(fn)))


def refused(compiler, operator, stage_name, *facts, **arguments):
    """The compile fails under verification, naming the stage; without it, it does not."""
    with pytest.raises(SymbolicCompilerError) as caught:
        compiler.compile(operator, verify=True, **arguments)
    error = caught.value
    assert type(error.__cause__) is VerificationError, error.__cause__
    assert error.stage == error.report.failed == error.__cause__.stage == stage_name
    assert error.report[stage_name].status == "failed"
    for fact in (repr(stage_name), *facts):
        assert fact in str(error), str(error)
    return error


# --- what an honest compile looks like -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"backend_preference": "numpy"},
        {"cache_enabled": False},
        {"enable_fusion": False, "strict_validation": False},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "weight", [1.0, sym.symbol("w", 2.0), sym.symbol("w")], ids=["number", "default", "no default"]
)
def test_the_stock_stages_pass_on_a_miss_and_on_a_hit(options, weight):
    compiler = sym.SymbolicCompiler(options=sym.SymbolicCompilerOptions(**options))
    operator = small.number(weight=weight) + small.raising()
    audited = [compiler.compile(operator, verify=True) for _ in range(2)]
    plain = sym.SymbolicCompiler(options=compiler.options)
    reports = [plain.compile(operator).report for _ in range(2)]
    for artifact, report in zip(audited, reports, strict=True):
        assert artifact.report.outcome == report.outcome
        assert [(row.name, row.status) for row in artifact.report.rows] == [(r.name, r.status) for r in report.rows]
    assert compiler.cache_size == plain.cache_size


def test_the_stages_that_call_ahead_pass():
    compiler = sym.SymbolicCompiler(options=sym.SymbolicCompilerOptions(aot_batch_shape=(3,)))
    operator = small.number(weight=sym.symbol("w", 2.0))
    assert [compiler.compile(operator, verify=True).report.outcome for _ in range(2)] == ["miss", "hit"]


def test_fixed_analyses_and_passes_pass():
    class Pass:
        name = "a_pass"

        def run(self, context):
            return {"terms": context.ir.term_count}

    graph = sym.default_graph().insert(as_stage(Pass(), reads=("ir",), writes=STATS)).override(term_order=(0,))
    compiler = sym.SymbolicCompiler(graph=graph)
    assert [compiler.compile(small.number(), verify=True).report.outcome for _ in range(2)] == ["miss", "hit"]


def test_it_is_no_part_of_the_key_and_stores_once():
    store = small.LoggingStore()
    compiler = sym.SymbolicCompiler(artifact_store=store)
    first = compiler.compile(small.number(), verify=True)
    assert [word for word, _ in store.calls].count("put") == 1
    second = compiler.compile(small.number())
    assert second.report.outcome == "hit"
    assert second.compiled_operator is first.compiled_operator
    third = compiler.compile(small.number(), verify=True)
    assert third.report.outcome == "hit"
    assert third.compiled_operator is first.compiled_operator
    assert [word for word, _ in store.calls].count("put") == 1
    assert third.cache_token() == first.cache_token()


def test_a_space_without_a_digest():
    operator = sym.DOperator(small.LoadedSpace(), "loaded").for_each_site("i").emit(sym.write("i", 5)).build()
    for _ in range(2):
        assert sym.SymbolicCompiler().compile(operator, verify=True).report.outcome == "uncached"


def test_the_argument_is_a_bool():
    with pytest.raises(OptionTypeError, match="verify must be True or False"):
        sym.SymbolicCompiler().compile(small.number(), verify=1)


# --- stages that change what they were given --------------------------------------------------------------------------


def test_a_stage_that_changes_its_input():
    def meddle(validation_summary):
        validation_summary["seen"] = True
        return {}

    error = refused(compiler_with(meddle), small.number(), "meddle", "changed", "validation_summary['seen']")
    assert error.__cause__.analysis == "validation_summary"
    assert compiler_with(meddle).compile(small.number()).report["meddle"].status == "ran"


def test_a_stage_that_changes_the_metadata_deep_inside():
    def meddle(metadata):
        metadata["runs"][1].sort()
        return {}

    refused(compiler_with(meddle), small.number(), "meddle", "metadata['runs'][1][0]", metadata={"runs": [1, [3, 2]]})


def test_a_stage_that_makes_the_arrays_of_the_ir_writable():
    def meddle(ir):
        rows = ir.terms[0].iterator.index_sets
        rows.flags.writeable = True
        rows[0, 0] = 2
        return {}

    refused(compiler_with(meddle), small.number(), "meddle", "ir.terms[0].iterator.index_sets")


def test_an_effect_that_changes_the_artifact():
    @stage(name="effect")
    def effect(validation_summary, artifact):
        validation_summary["valid"] = None

    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(effect))
    refused(compiler, small.number(), "effect", "validation_summary['valid']")


def test_a_gate_that_changes_what_it_was_given():
    stock = sym.default_graph()["cache_lookup"]

    def lookup(cache_key, store, flights, options, ir, space, registry):
        object.__setattr__(options, "enable_fusion", False)
        return stock(cache_key, store, flights, options, ir, space, registry)

    graph = sym.default_graph().replace("cache_lookup", attrs.evolve(stock, fn=lookup))
    refused(sym.SymbolicCompiler(graph=graph), small.number(), "cache_lookup", "options.enable_fusion")


def test_a_stage_that_reaches_into_the_record_of_the_call():
    def meddle(call_record):
        call_record._values["options"] = None
        return {}

    refused(compiler_with(meddle), small.number(), "meddle", "call_record._values['options']")


def test_an_instrument_that_changes_a_value_is_not_blamed_on_a_stage():
    class Meddler:
        def before(self, stage, values):
            if stage == "symbolic_normalization":
                values["validation_summary"]["seen"] = True

    artifact = sym.SymbolicCompiler().compile(small.number(), verify=True, instruments=[Meddler()])
    assert artifact.analyses["validation_summary"]["seen"]


# --- stages that are no function --------------------------------------------------------------------------------------


def test_a_random_stage():
    rng = np.random.default_rng(0)
    error = refused(
        compiler_with(lambda ir: {"a": [0, rng.random()]}, name="noise"), small.number(), "noise",
        "is no function of what it reads", "'stats'", "stats['a'][1]",
    )  # fmt: skip
    assert error.__cause__.at == "stats['a'][1]"


def test_a_stage_that_counts_its_runs():
    runs, kept = itertools.count(), []

    def append(ir):
        kept.append(1)
        return {"kept": kept}

    refused(compiler_with(lambda ir: {"run": next(runs)}, name="counts"), small.number(), "counts", "stats['run']")
    refused(compiler_with(append), small.number(), "append", "stats['kept']")


def test_a_random_lowerer():
    rng = np.random.default_rng(0)

    def lower(context):
        weight = rng.random()
        return sym.JaxSymbolicV1Lowerer().lower(
            attrs.evolve(context, values={**context.values, "ir": small.number(weight=weight).to_ir()})
        )

    compiler = sym.SymbolicCompiler(lowerer_registry=small.registry(small.Lowerer("noisy", lower)))
    refused(compiler, small.number(), "lowering", "'lowered'", "compiled_operator")


def test_a_lowerer_may_keep_what_it_likes_but_must_stay_who_it_is():
    class Keeping(small.Lowerer):
        def __init__(self, name):
            super().__init__(name, self.keep)
            self.kept = collections.OrderedDict()

        def keep(self, context):
            self.kept[object()] = context
            return sym.JaxSymbolicV1Lowerer().lower(context)

    class Counting(Keeping):
        def keep(self, context):
            self.calls = len(self.kept)
            return super().keep(context)

    registry = small.registry(Keeping("keeping"))
    sym.SymbolicCompiler(lowerer_registry=registry).compile(small.number(), verify=True)
    compiler = sym.SymbolicCompiler(lowerer_registry=small.registry(Counting("counting")))
    refused(compiler, small.number(), "lowering", "changed the analysis 'registry'", "registry.identities()")


def test_a_stage_that_fails_the_first_time_only():
    runs = itertools.count()

    def flaky(ir):
        if next(runs) == 0:
            raise OSError("not yet")
        return {}

    refused(compiler_with(flaky), small.number(), "flaky", "it first raised OSError: not yet")


def test_a_stage_that_always_fails_fails_with_its_own_error():
    def broken(ir):
        raise ZeroDivisionError("no")

    small.fails(compiler_with(broken), small.number(), "broken", ZeroDivisionError, verify=True)


def test_a_dict_filled_in_another_order_is_the_same():
    runs = itertools.count()

    def turning(ir):
        items = [("a", 1), ("b", {2, 3})]
        return dict(items if next(runs) % 2 else items[::-1])

    compiler_with(turning).compile(small.number(), verify=True)


def test_values_that_say_nothing_are_named_in_a_warning():
    compiler = compiler_with(lambda ir: {"lines": (line for line in "ab")}, name="lazy")
    with pytest.warns(VerificationWarning, match=r"stats\['lines'\] \(a generator\)"):
        compiler.compile(small.number(), verify=True)


# --- types ------------------------------------------------------------------------------------------------------------


def test_a_stage_that_writes_another_type():
    error = refused(
        compiler_with(lambda ir: [1], name="liar"), small.number(), "liar",
        "wrote another type than the analysis 'stats' declares: 'stats' is a list, not a dict",
    )  # fmt: skip
    assert error.__cause__.analysis == "stats"
    deep = Analysis("deep", dict[str, tuple[int, ...]] | None, "Nested.")
    refused(
        compiler_with(lambda ir: {"a": (1, "b")}, deep, name="liar"), small.number(), "liar", "'deep'['a'][1] is a str"
    )
    compiler_with(lambda ir: None, deep, name="honest").compile(small.number(), verify=True)


def test_a_stage_of_several_outputs():
    stock = sym.default_graph()["symbolic_fanout_analysis"]
    graph = sym.default_graph().replace(
        "symbolic_fanout_analysis", attrs.evolve(stock, fn=lambda ir: ((3,), np.int64(3)))
    )
    refused(sym.SymbolicCompiler(graph=graph), small.number(), "symbolic_fanout_analysis", "'total_fanout' is a int64")
    assert TERM_FANOUTS.name == "term_fanouts"


def test_a_gate_that_supplies_another_type():
    @attrs.frozen
    class Forged:
        cache_key: object

    store = small.LoggingStore()
    compiler = sym.SymbolicCompiler(artifact_store=store)
    key = compiler.compile(small.number()).cache_key
    store.kept[key] = Forged(key)
    refused(
        compiler, small.number(), "cache_lookup", "supplied another type", "is a Forged, not a SymbolicCompiledArtifact"
    )


# --- hits -------------------------------------------------------------------------------------------------------------


def forging(other, **changes):
    """A compiler whose store holds the artifact of ``other`` under the key of another operator, which it then forged."""
    store = small.LoggingStore()
    compiler = sym.SymbolicCompiler(artifact_store=store)

    def forge(operator):
        honest = compiler.compile(operator)
        made = honest if other is None else sym.SymbolicCompiler().compile(other)
        store.kept[honest.cache_key] = attrs.evolve(made, cache_key=honest.cache_key, report=None, **changes)

    return compiler, forge


def test_a_store_that_hands_back_another_operators_artifact():
    compiler, forge = forging(small.number(weight=2.0))
    forge(small.number())
    wrong = compiler.compile(small.number())
    assert wrong.report.outcome == "hit"
    error = refused(compiler, small.number(), "cache_lookup", "supplied another artifact than a miss makes", "ir")
    assert "compiled_operator.ir" in str(error)


class Anonymous:
    """An operator that says nothing of its IR, so that it is compared by what it does."""

    def __init__(self, inner, flip=1.0):
        self.inner, self.flip = inner, flip

    def get_conn_padded(self, x):
        xp, mels = self.inner.get_conn_padded(x)
        return np.asarray(xp), np.asarray(mels) * self.flip


def anonymous(flip=1.0, wrap=Anonymous):
    def lower(context):
        lowered = sym.JaxSymbolicV1Lowerer().lower(context)
        return attrs.evolve(lowered, lowerer_name="anonymous", compiled_operator=wrap(lowered.compiled_operator, flip))

    return sym.SymbolicCompiler(
        artifact_store=small.LoggingStore(),
        lowerer_registry=small.registry(small.Lowerer("anonymous", lower, version="1")),
    )


def test_artifacts_are_compared_by_what_they_do():
    compiler = anonymous()
    honest = compiler.compile(small.raising())
    compiler.compile(small.raising(), verify=True)
    operator = honest.compiled_operator
    for wrong, fact in [
        (Anonymous(operator.inner, 1.0 + 1e-15), "mels["),
        (Anonymous(operator.inner, np.float32(1)), None),
        (Anonymous(small.number().compile(cache=False)), "xp["),
        (Anonymous(small.number(sym.hilbert.Fock(3, N=2)).compile(cache=False)), "the one supplied raised StateError"),
        (Anonymous((small.number() + small.number()).compile(cache=False)), "[64, 6"),
    ]:
        kept = compiler.artifact_store.kept
        kept[honest.cache_key] = attrs.evolve(honest, compiled_operator=wrong, report=None)
        if fact is None:
            compiler.compile(small.raising(), verify=True)
        else:
            refused(compiler, small.raising(), "cache_lookup", "applied to all states of Fock(n_max=3, N=3)", fact)


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"metadata": {"total_padded_size": 4}}, "metadata"),
        ({"backend": "numpy"}, "backend differs: numpy and jax"),
        ({"lowerer_name": "other"}, "lowerer_name differs: other and jax_symbolic_v1"),
    ],
)
def test_facts_of_an_artifact_are_compared(changes, fact):
    compiler, forge = forging(None, **changes)
    forge(small.number())
    refused(compiler, small.number(), "cache_lookup", fact)


def test_other_defaults_and_another_space_are_noticed():
    compiler, forge = forging(small.number(weight=sym.symbol("w", 3.0)))
    forge(small.number(weight=sym.symbol("w", 2.0)))
    refused(compiler, small.number(weight=sym.symbol("w", 2.0)), "cache_lookup", "compiled_operator")
    constrained = sym.hilbert.Fock(3, N=3, n_particles=2)
    compiler, forge = forging(small.number(constrained))
    forge(small.number())
    refused(compiler, small.number(), "cache_lookup", "compiled_operator.hilbert")


def test_making_it_anew_fails():
    failing = threading.Event()

    def lower(context):
        if failing.is_set():
            raise MemoryError("no room")
        return sym.JaxSymbolicV1Lowerer().lower(context)

    compiler = sym.SymbolicCompiler(lowerer_registry=small.registry(small.Lowerer("moody", lower)))
    compiler.compile(small.number())
    failing.set()
    error = refused(compiler, small.number(), "lowering", "the call was a hit", "no room")
    assert type(error.__cause__.__cause__) is MemoryError
    assert error.report["lowering"].status == "failed"


def test_stages_behind_the_gate_are_audited_on_a_hit_too():
    runs = []
    compiler = compiler_with(lambda term_fanouts: {"run": len(runs)}, name="counts")
    compiler.compile(small.number())
    refused_now = compiler.compile(small.number(), verify=True)
    assert refused_now.report.outcome == "hit"

    def count(term_fanouts):
        runs.append(1)
        return {"run": len(runs)}

    compiler = compiler_with(count)
    compiler.compile(small.number())
    refused(compiler, small.number(), "count", "is no function")


def test_a_hit_that_is_refused_tells_instruments():
    seen = []

    class Log:
        def failed(self, stage, error):
            seen.append((stage, type(error)))

    compiler, forge = forging(small.number(weight=2.0))
    forge(small.number())
    refused(compiler, small.number(), "cache_lookup", instruments=[Log()])
    assert seen == [("cache_lookup", VerificationError)]


# --- instruments of a compile -----------------------------------------------------------------------------------------


def test_instruments_belong_to_one_call_and_are_no_part_of_the_key():
    told = []

    class Log:
        def gate(self, stage, answer):
            told.append((stage, type(answer).__name__))

    compiler = sym.SymbolicCompiler()
    token = compiler.compile(small.number(), instruments=[Log()]).cache_token()
    assert compiler.compile(small.number()).cache_token() == token
    answered = compiler.compile(small.number(), instruments=(log for log in [Log()]))
    assert answered.report.outcome == "hit"
    assert told == [("cache_lookup", "Miss"), ("cache_lookup", Supplied.__name__)]
    assert compiler.compile_operator(small.number(), instruments=[Log()], verify=True) is answered.compiled_operator


def test_an_instrument_that_raises_fails_the_compile():
    class Strict:
        def after(self, stage, values, duration_ns):
            if "total_fanout" in values:
                raise RuntimeError("too many")

    error = small.fails(
        sym.SymbolicCompiler(), small.number(), "symbolic_fanout_analysis", InstrumentError,
        "'Strict'", "after()", "'symbolic_fanout_analysis'", "too many", instruments=[Strict()],
    )  # fmt: skip
    assert type(error.__cause__.__cause__) is RuntimeError
    with pytest.raises(OptionTypeError, match="no instrument"):
        sym.SymbolicCompiler().compile(small.number(), instruments=[3])
