"""The store on disk as a compiler uses it: what survives, what is a miss, what is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from contextlib import nullcontext

import attrs
import jax
import numpy as np
import pytest
import stored

import nqx_graph as sym
from nqx_graph.disk import DiskArtifactStore, folder
from nqx_graph.errors import CheckError, OptionError, OptionTypeError, StoreError, StoreWarning
from nqx_graph.hilbert import Spin

OPERATORS = stored.operators()
each_operator = pytest.mark.parametrize("number", range(len(OPERATORS)))
each_lowerer = pytest.mark.parametrize("optimize", [False, True])


def states(operator):
    return np.asarray(operator.hilbert.all_states()).astype(np.int8)


@each_operator
@each_lowerer
def test_an_artifact_survives(tmp_path, number, optimize):
    operator = OPERATORS[number]
    cold = stored.compiler(tmp_path, optimize=optimize).compile(operator)
    compiler = stored.compiler(tmp_path, optimize=optimize)
    warm = compiler.compile(operator)
    assert (cold.report.outcome, warm.report.outcome) == ("miss", "hit")
    assert warm.compiled_operator == cold.compiled_operator
    assert type(warm.compiled_operator) is type(cold.compiled_operator)
    assert warm.compiled_operator._static.structure == cold.compiled_operator._static.structure
    assert (warm.backend, warm.lowerer_name, warm.metadata_map()) == (
        cold.backend,
        cold.lowerer_name,
        cold.metadata_map(),
    )
    assert warm.cache_key == cold.cache_key
    for ours, theirs in zip(
        *(o.compiled_operator.get_conn_padded(states(operator)) for o in (warm, cold)), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    again = compiler.compile(operator)
    assert again.compiled_operator is warm.compiled_operator
    counts = compiler.artifact_store.counts
    assert (counts.hits, counts.misses, counts.refused, counts.writes) == (1, 0, 0, 0)


def test_what_is_known_of_the_building_call_survives(tmp_path):
    operator = OPERATORS[0]
    cold, warm = (stored.compiler(tmp_path).compile(operator) for _ in range(2))
    ran = [(row.pass_name, row.duration_ns) for row in warm.pass_reports]
    assert ran == [(row.name, row.duration_ns) for row in cold.pass_reports if row.name != "cache_store"]
    for name in (
        "term_fanouts",
        "total_fanout",
        "ir_fingerprint",
        "resolved_backend",
        "fusion_groups",
        "validation_summary",
    ):
        assert warm.analyses[name] == cold.analyses[name]
    ours, theirs = warm.record(), cold.record()
    for record in (ours, theirs):
        del record["stages"], record["outcome"], record["built_by"]
    assert ours == theirs
    assert warm.report["lowering"].status == "skipped: cache hit"
    assert warm.report["cache_lookup"].duration_ns > 0


def test_a_rebuilt_operator_is_as_good_as_new(tmp_path):
    operator = OPERATORS[4]
    cold, warm = (stored.compiler(tmp_path).compile_operator(operator) for _ in range(2))
    x = states(operator)
    assert warm.parameters == cold.parameters
    one, other = (made.with_parameters(t=0.25, U=1.0) for made in (cold, warm))
    np.testing.assert_array_equal(one.get_conn_padded(x)[1], other.get_conn_padded(x)[1])
    for sample in x:
        promised = np.isnan(np.asarray(other.get_conn_padded(sample)[1])).any()
        with pytest.raises(CheckError, match="promises at most 3") if promised else nullcontext():
            other.check(sample)


def test_another_process_hits(tmp_path):
    text = """
        import sys, json
        import jax
        jax.config.update("jax_enable_x64", True)
        import numpy as np, stored
        artifact = stored.compiler(sys.argv[1]).compile(stored.operators()[2])
        xp, mels = artifact.compiled_operator.get_conn_padded(np.asarray(artifact.compiled_operator.hilbert.all_states()))
        print(json.dumps([artifact.report.outcome, np.asarray(mels).tolist()]))
    """
    found = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(text), str(tmp_path)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.append(json.loads(done.stdout))
    assert [outcome for outcome, _ in found] == ["miss", "hit"]
    assert found[0][1] == found[1][1]


def test_stages_that_were_replaced_do_not_hit(tmp_path):
    operator = OPERATORS[0]
    stored.compiler(tmp_path).compile(operator)

    @sym.stage(writes=sym.Analysis("n_symbols", int, "How many symbols there are."), version="1")
    def symbol_count(ir):
        return len(ir.symbols)

    compiler = sym.SymbolicCompiler(
        graph=sym.default_graph().insert(symbol_count), artifact_store=DiskArtifactStore(tmp_path)
    )
    assert compiler.compile(operator).report.outcome == "miss"
    assert len(stored.entries(tmp_path)) == 2


def with_finding(folder, found):
    """A compiler with a stage that finds this out."""

    @sym.stage(writes=sym.Analysis("finding", object, "What was found."), version="1")
    def finding(ir):
        return found

    graph = sym.default_graph().insert(finding)
    return sym.SymbolicCompiler(graph=graph, artifact_store=DiskArtifactStore(folder))


@pytest.mark.parametrize(
    "found", [None, True, 3, 2.5, 1 - 2j, "text", (1, (2.0, "a")), [1, [2]], {"a": {"b": (None,)}}], ids=repr
)
def test_what_a_stage_found_comes_back(tmp_path, found):
    with_finding(tmp_path, found).compile(OPERATORS[0])
    again = with_finding(tmp_path, found).compile(OPERATORS[0])
    assert again.report.outcome == "hit"
    assert again.report["finding"].status == "skipped: cache hit"
    assert repr(again.analyses["finding"]) == repr(found)


def test_an_array_that_a_stage_found_comes_back(tmp_path):
    found = {"degrees": np.arange(6, dtype=np.int16).reshape(2, 3)}
    with_finding(tmp_path, found).compile(OPERATORS[0])
    back = with_finding(tmp_path, found).compile(OPERATORS[0]).analyses["finding"]["degrees"]
    assert (back.dtype, back.tolist()) == (np.int16, [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize(
    ("found", "odd"), [({0: 3}, "the key 0,"), ((1, {2}), "{2} of type set,"), ([np.float64(2)], "of type float64,"), (np.array(["a"]), "of type ndarray,")]
)  # fmt: skip
def test_what_could_not_come_back_is_kept_in_memory(tmp_path, found, odd):
    """A hit from the folder would lack it, and a hit carries along what was found out."""
    compiler = with_finding(tmp_path, found)
    reason = compiler.compile(OPERATORS[0]).report["cache_store"].metadata["reason"]
    assert reason.startswith("kept in memory only: the analysis 'finding' holds ")
    assert odd in reason
    assert stored.entries(tmp_path) == []
    assert compiler.compile(OPERATORS[0]).analyses["finding"] is found
    assert with_finding(tmp_path, found).compile(OPERATORS[0]).report.outcome == "miss"


def test_what_only_this_process_knows_is_kept_in_memory(tmp_path):
    @sym.stage(writes=sym.Analysis("n_symbols", int, "How many symbols there are."))
    def symbol_count(ir):
        return len(ir.symbols)

    graph = sym.default_graph().insert(symbol_count)
    compiler = sym.SymbolicCompiler(graph=graph, artifact_store=DiskArtifactStore(tmp_path))
    report = compiler.compile(OPERATORS[0]).report
    assert report["cache_store"].metadata["reason"] == (
        "kept in memory only: no other process knows symbol_count; give it a version="
    )
    assert stored.entries(tmp_path) == []
    assert compiler.compile(OPERATORS[0]).report.outcome == "hit"


def test_a_lowerer_without_restore_is_cached_in_memory_only(tmp_path):
    compiler = stored.compiler(tmp_path, backend_preference="numpy")
    report = compiler.compile(OPERATORS[0]).report
    assert report["cache_store"].metadata["reason"] == (
        "kept in memory only: the lowerer 'numpy_reference' has no restore()"
    )
    assert compiler.compile(OPERATORS[0]).report.outcome == "hit"
    assert stored.entries(tmp_path) == []


def test_a_lowerer_of_ones_own_that_restores(tmp_path):
    class Doubling:
        name, backend, version = "doubling", "jax", "1"

        def supports(self, context):
            return True

        def lower(self, context):
            return sym.SymbolicCompiledArtifact(
                "jax",
                self.name,
                ("made", context.ir.operator_name),
                {"a": 1},
                tables={"n": np.arange(3), "t": (1, "x")},
            )

        def restore(self, tables):
            return ("restored", tables["ir"].operator_name, tables["n"].tolist(), tables["t"])

    outcomes = []
    for _ in range(2):
        registry = sym.default_registry()
        registry.register_first(Doubling())
        compiler = sym.SymbolicCompiler(lowerer_registry=registry, artifact_store=DiskArtifactStore(tmp_path))
        artifact = compiler.compile(OPERATORS[0])
        outcomes.append((artifact.report.outcome, artifact.compiled_operator))
    assert outcomes == [("miss", ("made", "ising")), ("hit", ("restored", "ising", [0, 1, 2], (1, "x")))]


@pytest.mark.parametrize("name", ["mine", "jax_symbolic_v1"])
def test_what_a_lowerer_made_of_anothers_artifact_is_not_restored_by_that_one(tmp_path, name):
    class Wrapping:
        backend, version = "jax", "1"

        def __init__(self, name):
            self.name = name

        def supports(self, context):
            return True

        def lower(self, context):
            made = sym.JaxSymbolicV1Lowerer().lower(context)
            return attrs.evolve(made, lowerer_name=name, compiled_operator=("wrapped", made.compiled_operator))

    registry = sym.default_registry()
    registry.register_first(Wrapping("mine"))
    for _ in range(2):
        compiler = sym.SymbolicCompiler(lowerer_registry=registry, artifact_store=DiskArtifactStore(tmp_path))
        artifact = compiler.compile(OPERATORS[0])
        assert artifact.report.outcome == "miss"
        assert artifact.compiled_operator[0] == "wrapped"
        assert "has no restore()" in artifact.report["cache_store"].metadata["reason"]


def test_other_versions_and_sources_are_other_keys(tmp_path, monkeypatch):
    from nqx_graph.disk import store

    stored.compiler(tmp_path).compile(OPERATORS[0])
    for name, value in (("package_digest", lambda: "another"), ("_versions", lambda: {"jax": "0.0.1"})):
        store._full_key.cache_clear()
        with monkeypatch.context() as patch:
            patch.setattr(store, name, value)
            assert stored.compiler(tmp_path).compile(OPERATORS[0]).report.outcome == "miss"
    store._full_key.cache_clear()
    assert stored.compiler(tmp_path).compile(OPERATORS[0]).report.outcome == "hit"


def test_x64_is_part_of_the_key(tmp_path):
    operator = sym.DOperator(Spin(1 / 2, 3), dtype="float32").for_each_site("i").emit(amplitude=1.5).build()
    stored.compiler(tmp_path).compile(operator)
    with jax.enable_x64(False):
        assert stored.compiler(tmp_path).compile(operator).report.outcome == "miss"


def test_explain_looks_in_the_folder(tmp_path):
    assert stored.compiler(tmp_path).explain(OPERATORS[0]).outcome == "miss"
    stored.compiler(tmp_path).compile(OPERATORS[0])
    assert stored.compiler(tmp_path).explain(OPERATORS[0]).outcome == "hit"


def test_verify_holds_the_store_to_its_promise(tmp_path):
    stored.compiler(tmp_path).compile(OPERATORS[1])
    artifact = stored.compiler(tmp_path).compile(OPERATORS[1], verify=True)
    assert artifact.report.outcome == "hit"


def test_clear_and_len_and_contains(tmp_path):
    compiler = stored.compiler(tmp_path)
    keys = [compiler.compile(operator).cache_key for operator in OPERATORS]
    store = DiskArtifactStore(tmp_path)
    assert len(store) == compiler.cache_size == len(OPERATORS)
    assert all(key in store for key in keys)
    assert repr(store) == f"DiskArtifactStore({str(tmp_path)!r}, {len(OPERATORS)} entries)"
    compiler.clear_cache()
    assert len(store) == 0
    assert not any(key in store for key in keys)
    assert compiler.compile(OPERATORS[0]).report.outcome == "miss"


# --- the folder ---


def test_the_folder_is_made_for_its_owner_alone(tmp_path):
    place = tmp_path / "a" / "b"
    stored.compiler(place).compile(OPERATORS[0])
    assert place.stat().st_mode & 0o777 == 0o700
    (entry,) = stored.entries(place)
    assert entry.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_others_may_write(tmp_path):
    tmp_path.chmod(0o770)
    with pytest.raises(StoreError, match=r"writable by others \(mode 770\).*chmod 700"):
        DiskArtifactStore(tmp_path)
    DiskArtifactStore(tmp_path, trust_shared=True)
    tmp_path.chmod(0o750)
    DiskArtifactStore(tmp_path)


def test_a_folder_of_another_user(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(StoreError, match="belongs to another user"):
        DiskArtifactStore(tmp_path)
    DiskArtifactStore(tmp_path, trust_shared=True)


@pytest.mark.parametrize("given", ["", "  ", "gs://bucket/a", "a\0b", "~nobody-of-this-name/a", "a\udc80b\ud800"])
def test_paths_that_are_none(given):
    with pytest.raises(StoreError, match="local path"):
        DiskArtifactStore(given)


@pytest.mark.parametrize("given", [None, 3, True])
def test_what_is_no_path(given):
    with pytest.raises(OptionTypeError, match="must be a path"):
        DiskArtifactStore(given)


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    for place in ("file", "file/inner"):
        with pytest.raises(StoreError, match="is or lies in a file"):
            DiskArtifactStore(tmp_path / place)


@pytest.mark.parametrize("name", ["max_bytes", "max_entries", "max_in_memory"])
@pytest.mark.parametrize("cap", [0, -1, 1.5, True, "3", None])
def test_caps(tmp_path, name, cap):
    with pytest.raises(OptionError, match=f"{name} must be a whole number from 1 up"):
        DiskArtifactStore(tmp_path, **{name: cap})


# --- what is no entry ---


DAMAGE = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "text": lambda path: path.write_text("hello"),
    "pickle": lambda path: path.write_bytes(b"\x80\x04\x95"),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_entry_is_a_miss_told_once_and_set_aside(tmp_path, name):
    stored.compiler(tmp_path).compile(OPERATORS[0])
    (entry,) = stored.entries(tmp_path)
    DAMAGE[name](entry)
    compiler = stored.compiler(tmp_path)
    with pytest.warns(StoreWarning, match="set aside, and the operator is compiled anew") as told:
        artifact = compiler.compile(OPERATORS[0])
    assert len(told) == 1
    assert artifact.report.outcome == "miss"
    assert compiler.artifact_store.counts.refused == 1
    assert entry.with_suffix(".bad").exists()
    assert stored.compiler(tmp_path).compile(OPERATORS[0]).report.outcome == "hit"


def test_further_trouble_is_counted_and_not_told(tmp_path):
    stored.compiler(tmp_path).compile(OPERATORS[0])
    stored.compiler(tmp_path).compile(OPERATORS[1])
    for entry in stored.entries(tmp_path):
        entry.write_bytes(b"")
    compiler = stored.compiler(tmp_path)
    with pytest.warns(StoreWarning):
        compiler.compile(OPERATORS[0])
    compiler.compile(OPERATORS[1])
    assert compiler.artifact_store.counts.refused == 2


def test_swapped_entries_are_never_served(tmp_path):
    for operator in OPERATORS:
        stored.compiler(tmp_path).compile(operator)
    found = stored.entries(tmp_path)
    contents = [entry.read_bytes() for entry in found]
    for entry, content in zip(found, contents[1:] + contents[:1], strict=True):
        entry.write_bytes(content)
    for operator in OPERATORS:
        with pytest.warns(StoreWarning, match="of another key"):
            assert stored.compiler(tmp_path).compile(operator).report.outcome == "miss"


def test_a_link_in_the_place_of_an_entry_is_not_followed(tmp_path):
    folder_, elsewhere = tmp_path / "store", tmp_path / "elsewhere"
    stored.compiler(folder_).compile(OPERATORS[0])
    (entry,) = stored.entries(folder_)
    entry.rename(elsewhere)
    entry.symlink_to(elsewhere)
    with pytest.warns(StoreWarning, match="cannot be read"):
        assert stored.compiler(folder_).compile(OPERATORS[0]).report.outcome == "miss"
    assert not entry.is_symlink()
    assert elsewhere.exists()


def test_a_folder_in_the_place_of_an_entry(tmp_path):
    stored.compiler(tmp_path).compile(OPERATORS[0])
    (entry,) = stored.entries(tmp_path)
    entry.unlink()
    entry.mkdir()
    with pytest.warns(StoreWarning):
        artifact = stored.compiler(tmp_path).compile(OPERATORS[0])
    assert artifact.report.outcome == "miss"
    assert "kept in memory only" in artifact.report["cache_store"].metadata["reason"]


def test_an_entry_larger_than_the_cap_is_neither_written_nor_read(tmp_path):
    stored.compiler(tmp_path).compile(OPERATORS[0])
    store = DiskArtifactStore(tmp_path, max_bytes=1000)
    compiler = sym.SymbolicCompiler(artifact_store=store)
    with pytest.warns(StoreWarning, match="larger than 1000 bytes"):
        report = compiler.compile(OPERATORS[0]).report
    assert "more than max_bytes=1000" in report["cache_store"].metadata["reason"]
    assert len(store) == 0


def test_what_a_lowerer_cannot_restore_is_a_miss(tmp_path, monkeypatch):
    stored.compiler(tmp_path).compile(OPERATORS[0])

    def restore(self, tables):
        raise RuntimeError("no")

    monkeypatch.setattr(sym.JaxSymbolicV1Lowerer, "restore", restore)
    with pytest.warns(StoreWarning, match="cannot be rebuilt: RuntimeError: no"):
        assert stored.compiler(tmp_path).compile(OPERATORS[0]).report.outcome == "miss"


# --- caps, temporary files, the clock ---


def filled(place, count, **caps):
    store = DiskArtifactStore(place, **caps)
    compiler = sym.SymbolicCompiler(artifact_store=store)
    for number in range(count):
        operator = sym.DOperator(Spin(1 / 2, 2)).for_each_site("i").emit(amplitude=float(number)).build()
        compiler.compile(operator)
    return store


def test_entries_beyond_the_cap_go(tmp_path):
    store = filled(tmp_path, 40, max_entries=10)
    assert 9 <= len(store) <= 10
    assert store.counts.evicted == store.counts.writes - len(store)


def test_bytes_beyond_the_cap_go(tmp_path):
    (size,) = {entry.stat().st_size for entry in stored.entries(filled(tmp_path / "one", 1).folder)}
    store = filled(tmp_path / "many", 40, max_bytes=10 * size)
    assert sum(entry.stat().st_size for entry in stored.entries(store.folder)) <= 10 * size
    assert len(store) >= 8


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    store = filled(tmp_path, 10, max_entries=10)
    names = [entry.name for entry in stored.entries(tmp_path)]
    for age, name in enumerate(names):
        os.utime(tmp_path / name, (time.time() - 1000 + age,) * 2)
    folder.used(tmp_path / names[0])
    folder.evict(tmp_path, 2**30, 5)
    kept = {entry.name for entry in stored.entries(tmp_path)}
    assert kept == {names[0], *names[7:]}
    assert len(store) == 4


def test_what_was_set_aside_goes_before_entries(tmp_path):
    filled(tmp_path, 5)
    (tmp_path / "a.bad").write_bytes(bytes(10))
    assert folder.evict(tmp_path, 2**30, 5) == (2, 0)  # to nine tenths of the cap
    assert not (tmp_path / "a.bad").exists()
    assert len(stored.entries(tmp_path)) == 4


def test_other_files_are_left_alone(tmp_path):
    store = filled(tmp_path, 3)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "sub").mkdir()
    folder.evict(tmp_path, 1, 1)
    store.clear()
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".")) == ["notes.txt", "sub"]


@pytest.mark.parametrize("away", [-86_400, -3_700, 3_700, 86_400])
def test_stale_temporary_files_go_whatever_the_clock_says(tmp_path, away):
    stale = tmp_path / f".{folder._HOST}-{os.getpid()}-0123456789abcdef.part"
    stale.write_bytes(b"torn")
    os.utime(stale, (time.time() + away,) * 2)
    assert DiskArtifactStore(tmp_path).counts.swept == 1
    assert not stale.exists()


def test_temporary_files_of_writers_that_live_stay(tmp_path):
    mine = tmp_path / f".{folder._HOST}-{os.getpid()}-0123456789abcdef.part"
    elsewhere = tmp_path / ".00000000-1-0123456789abcdef.part"
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    gone = tmp_path / f".{folder._HOST}-{int(dead.stdout)}-0123456789abcdef.part"
    for path in (mine, elsewhere, gone):
        path.write_bytes(b"half")
    DiskArtifactStore(tmp_path)
    assert mine.exists()
    assert elsewhere.exists()
    assert not gone.exists()


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_a_day_off(tmp_path, monkeypatch, days):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + days * 86_400)
    filled(tmp_path, 20, max_entries=5)
    monkeypatch.undo()
    store = filled(tmp_path, 20, max_entries=5)
    assert len(store) <= 5
    assert stored.compiler(tmp_path).compile(OPERATORS[0]).report.outcome == "miss"
    assert stored.compiler(tmp_path).compile(OPERATORS[0]).report.outcome == "hit"


def test_an_eviction_that_another_process_does_is_not_waited_for_long(tmp_path, monkeypatch):
    import filelock

    monkeypatch.setattr(folder, "_LOCK_WAIT_S", 0.05)
    filled(tmp_path, 5)
    with filelock.FileLock(tmp_path / folder._LOCK):
        assert folder.evict(tmp_path, 1, 1) == (0, 0)
    assert folder.evict(tmp_path, 1, 1)[0] == 5


# --- threads ---


def test_threads_share_a_store(tmp_path):
    store, found, errors = DiskArtifactStore(tmp_path), [], []

    def work():
        try:
            compiler = sym.SymbolicCompiler(artifact_store=store)
            found.extend(compiler.compile_operator(operator).name for operator in OPERATORS)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []
    assert len(found) == 8 * len(OPERATORS)
    assert len(store) == len(OPERATORS)
    assert store.counts.refused == store.counts.errors == 0


# --- functions of users -----------------------------------------------------------------------------------------------


def bent(version="1", factor=1.0):
    """A function that is another one for another factor, and an operator of it."""
    function = sym.expression_function("bent", reference=lambda x: factor * np.tanh(x), version=version)(
        lambda x: factor * jax.numpy.tanh(x)
    )
    return sym.DOperator(Spin(1 / 2, 3)).for_each_site("i").emit(amplitude=function(sym.site("i").value)).build()


@each_lowerer
def test_an_operator_with_a_function_survives(tmp_path, optimize):
    with sym.extensions():
        cold = stored.compiler(tmp_path, optimize=optimize).compile(bent())
    with sym.extensions():
        operator = bent()
        warm = stored.compiler(tmp_path, optimize=optimize).compile(operator)
        assert (cold.report.outcome, warm.report.outcome) == ("miss", "hit")
        x = states(operator)
        mels = np.asarray(warm.compiled_operator.get_conn_padded(x)[1])
        np.testing.assert_allclose(mels.sum(axis=1), np.tanh(x, dtype=float).sum(axis=1), rtol=1e-13)


def test_another_function_of_one_name_and_version_is_a_miss(tmp_path):
    for factor in (1.0, 2.0):
        with sym.extensions():
            operator = bent(factor=factor)
            artifact = stored.compiler(tmp_path).compile(operator)
            assert artifact.report.outcome == "miss"
            x = states(operator)
            mels = np.asarray(artifact.compiled_operator.get_conn_padded(x)[1])
            np.testing.assert_allclose(mels.sum(axis=1), factor * np.tanh(x, dtype=float).sum(axis=1), rtol=1e-13)


def test_a_function_without_a_version_is_kept_in_memory_only(tmp_path):
    with sym.extensions():
        compiler, operator = stored.compiler(tmp_path), bent(None)
        artifact = compiler.compile(operator)
        assert artifact.report["cache_store"].metadata["reason"] == (
            "kept in memory only: no other process knows the function 'bent'; give it a version="
        )
        assert compiler.compile(operator).report.outcome == "hit"
        assert stored.entries(tmp_path) == []


def test_an_entry_that_calls_a_function_which_is_not_here_is_a_miss(tmp_path):
    """A key finds no such entry of its own making; this one was written under the key of another operator."""
    with sym.extensions():
        store, plain = DiskArtifactStore(tmp_path), stored.models.ising(Spin(1 / 2, 3), [(0, 1)], 1.0, 0.5)
        made = stored.compiler(tmp_path / "other").compile(bent())
        key = stored.compiler(tmp_path / "other").compile(plain).cache_key
        store.put(key, made)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        artifact = sym.SymbolicCompiler(artifact_store=DiskArtifactStore(tmp_path)).compile(plain)
    assert artifact.report.outcome == "miss"
    assert any("'bent'" in str(one.message) for one in caught)
