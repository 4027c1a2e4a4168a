"""Kernels kept in a folder: a second process finds them, other couplings included, and bad folders are refused."""

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import jax
import pytest
from jax.experimental.compilation_cache import compilation_cache

import nqx_graph as sym
from nqx_graph.errors import OptionError, OptionTypeError

# Counts what JAX asks of its cache, and prints it with the result.
PROGRAM = """
import json, sys
from collections import Counter

import jax
import numpy as np

import nqx_graph as sym

jax.config.update("jax_enable_x64", True)
jax.numpy.ones(3).block_until_ready()  # JAX has compiled before the folder is given
counts = Counter()
jax.monitoring.register_event_listener(lambda name, **_: counts.update([name]))
folder, coupling, field, size = sys.argv[1], *map(float, sys.argv[2:])
sym.keep_compiled_kernels(folder)
hilbert = sym.hilbert.Spin(1 / 2, int(size))
s, edges = sym.site, [(i, (i + 1) % hilbert.size) for i in range(hilbert.size)]
couplings = coupling * np.arange(1.0, hilbert.size + 1)
operator = (
    sym.DOperator(hilbert, "ising")
    .for_each(("i", "j"), over=edges, columns={"J": couplings})
    .emit(amplitude=-sym.column("J") * s("i").value * s("j").value)
    .for_each_site("i")
    .emit(sym.affine("i", scale=-1), amplitude=-sym.symbol("h", field))
    .build()
)
x = np.ones((2, hilbert.size), dtype=np.int8)
xp, mels = operator.compile().get_conn_padded(x)
asked = counts["/jax/compilation_cache/compile_requests_use_cache"]
print(json.dumps({
    "asked": asked,
    "missed": asked - counts["/jax/compilation_cache/cache_hits"],
    "written": counts["/jax/compilation_cache/cache_misses"],
    "result": [np.asarray(xp).tolist(), np.asarray(mels).tolist()],
}))
"""


def run(folder, coupling=1.0, field=0.7, size=6, seed="0"):
    """A process of its own, under its own hash seed."""
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), str(coupling), str(field), str(size)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_second_process_skips_xla(tmp_path):
    folder = tmp_path / "kernels"
    first = run(folder)
    assert first["asked"] > 0
    assert first["missed"] == first["written"] == first["asked"]
    second = run(folder, seed="1")
    assert second["asked"] == first["asked"]
    assert (second["missed"], second["written"]) == (0, 0)
    assert second["result"] == first["result"]

    # numbers are arguments of the kernel, so other couplings find the same entry
    other = run(folder, coupling=-2.0, field=0.1, seed="2")
    assert (other["missed"], other["written"]) == (0, 0)
    assert other["result"][0] == first["result"][0] and other["result"][1] != first["result"][1]

    # another size is another kernel
    assert run(folder, size=7)["written"] > 0


@pytest.fixture
def switches():
    """JAX's switches as they were, afterwards."""
    names = (
        "jax_compilation_cache_dir",
        "jax_enable_compilation_cache",
        "jax_persistent_cache_min_compile_time_secs",
        "jax_persistent_cache_min_entry_size_bytes",
    )
    before = {name: getattr(jax.config, name) for name in names}
    yield
    for name, value in before.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()


def test_the_folder_is_made_for_its_owner_alone(tmp_path, switches):
    place = sym.keep_compiled_kernels(tmp_path / "some" / "kernels")
    assert place == tmp_path / "some" / "kernels" and place.is_dir()
    assert jax.config.jax_compilation_cache_dir == str(place)
    if os.name == "posix":
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert sym.keep_compiled_kernels(str(place)) == place  # again, as text


def test_a_relative_folder_stays_where_it_was_given(tmp_path, monkeypatch, switches):
    monkeypatch.chdir(tmp_path)
    assert sym.keep_compiled_kernels("kernels") == tmp_path / "kernels"


def test_none_turns_it_off(tmp_path, switches):
    sym.keep_compiled_kernels(tmp_path / "kernels")
    assert sym.keep_compiled_kernels(None) is None
    assert jax.config.jax_compilation_cache_dir is None


@pytest.mark.parametrize("folder", [3, True, b"kernels", ["kernels"]])
def test_what_is_no_path(folder, switches):
    with pytest.raises(OptionTypeError, match="must be a path or None"):
        sym.keep_compiled_kernels(folder)


@pytest.mark.parametrize("folder", ["", "  ", "gs://bucket/kernels", "kernels\0"])
def test_what_is_no_local_path(folder, switches):
    with pytest.raises(OptionError, match="must be a local path"):
        sym.keep_compiled_kernels(folder)


def test_bad_folders_are_refused_and_change_nothing(tmp_path, switches):
    before = jax.config.jax_compilation_cache_dir
    file = tmp_path / "file"
    file.write_text("")
    for folder in (file, file / "inside"):
        with pytest.raises(OptionError, match="is or lies in a file"):
            sym.keep_compiled_kernels(folder)
    assert jax.config.jax_compilation_cache_dir == before


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the mode says nothing")
def test_a_folder_that_others_may_write_is_refused(tmp_path, switches):
    folder = tmp_path / "kernels"
    folder.mkdir()
    folder.chmod(0o770)
    with pytest.raises(OptionError, match=r"writable by others \(mode 770\).*chmod 700"):
        sym.keep_compiled_kernels(folder)
    folder.chmod(0o755)  # others may read: that runs nothing
    assert sym.keep_compiled_kernels(folder) == folder


def test_a_folder_that_cannot_be_written_is_refused(tmp_path, switches, monkeypatch):
    """Told by the system, whoever runs this test."""

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refuse)
        with pytest.raises(OptionError, match="cannot be made: Permission denied"):
            sym.keep_compiled_kernels(tmp_path / "kernels")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OptionError, match="not writable"):
        sym.keep_compiled_kernels(tmp_path)
