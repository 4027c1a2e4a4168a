"""Files as a whole or not at all: whatever the file system refuses, and wherever the process dies."""

from __future__ import annotations

import errno
import os
import resource
import stat
import warnings
from pathlib import Path
from typing import Any

import pytest
from promises.torn import REFUSALS, Refusing, Steps
from refusal import refused

from nqx_graph.errors import IRFormatError, OptionTypeError
from nqx_graph.files import whole

OLD, NEW = b"what was there", b"what is new" * 1000


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for data in (OLD, NEW, b""):
        whole.write(str(path), data)
        assert whole.read(str(path)) == path.read_bytes() == data
    assert names(tmp_path) == ["a"]


def test_a_name_beside_and_one_that_is_long(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b" * 255, "./c", "d e\n"):
        whole.write(name, NEW)
        assert Path(name).read_bytes() == NEW


def test_permissions(tmp_path: Path) -> None:
    path, before = tmp_path / "a", os.umask(0o027)
    try:
        whole.write(str(path), OLD)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    for mode in (0o600, 0o664):
        path.chmod(mode)
        whole.write(str(path), NEW)
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    target.write_bytes(OLD)
    link.symlink_to(target)
    whole.write(str(link), NEW)
    assert link.is_symlink()
    assert whole.read(str(link)) == target.read_bytes() == NEW
    assert names(tmp_path) == ["folder", "link"]


@pytest.mark.parametrize(
    ("name", "error"), [("no/a", FileNotFoundError), ("file/a", NotADirectoryError), ("folder", IsADirectoryError)]
)
def test_places_that_cannot_be_written(tmp_path: Path, name: str, error: type[OSError]) -> None:
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "folder").mkdir()
    with pytest.raises(error) as caught:
        whole.write(str(tmp_path / name), NEW)
    assert caught.value.filename == str(tmp_path / name)
    assert names(tmp_path) == ["file", "folder"]


def test_a_file_that_is_read_only_stays(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)
    monkeypatch.setattr(os, "access", lambda place, mode: False)  # nothing is read-only to a superuser
    with pytest.raises(PermissionError) as caught:
        whole.write(str(path), NEW)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == OLD


def test_pipes_and_devices_are_neither_read_nor_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with refused(IRFormatError, "is no regular file"):
        whole.read(str(pipe))
    with refused(OptionTypeError, "is no regular file", "give another path"):
        whole.write(str(pipe), NEW)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with refused(IRFormatError, "/dev/zero is no regular file"):
        whole.read("/dev/zero")
    with refused(OptionTypeError, "/dev/null is no regular file"):
        whole.write("/dev/null", NEW)


def steps_of(path: Path) -> int:
    counter, whole.os = Steps(None), Steps(None)
    try:
        whole.os = counter
        whole.write(str(path), NEW)
    finally:
        whole.os = os
    return counter.done


@pytest.mark.parametrize("old", [OLD, None], ids=["replaced", "new"])
@pytest.mark.parametrize("number", REFUSALS, ids=lambda number: errno.errorcode[number])
def test_the_file_system_refuses_any_step(tmp_path: Path, monkeypatch: Any, number: int, old: bytes | None) -> None:
    refusals = 0
    for step in range(1, steps_of(tmp_path / "counted") // 2 + 1):
        path = tmp_path / str(step) / "a"
        path.parent.mkdir()
        if old is not None:
            path.write_bytes(old)
        with monkeypatch.context() as patch:
            patch.setattr(whole, "os", Refusing(step, number))
            with pytest.raises(OSError, match=os.strerror(number)) as caught:
                whole.write(str(path), NEW)
        refusals += 1
        assert caught.value.filename == str(path)
        assert caught.value.errno == number
        assert names(path.parent) == ([] if old is None else ["a"])
        assert old is None or path.read_bytes() == old
    assert refusals == 4  # open, fdopen, fsync, replace


def test_a_disk_that_is_full_in_the_middle(tmp_path: Path) -> None:
    path, limits = tmp_path / "a", resource.getrlimit(resource.RLIMIT_FSIZE)
    path.write_bytes(OLD)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            whole.write(str(path), NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["a"]


def test_an_interrupt_leaves_what_was_there(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)

    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        whole.write(str(path), NEW)
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["a"]


def test_a_process_that_dies_at_any_step(tmp_path: Path) -> None:
    found = []
    for step in range(1, steps_of(tmp_path / "counted") + 1):
        path = tmp_path / str(step) / "a"
        path.parent.mkdir()
        path.write_bytes(OLD)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # JAX warns of forks; the copy does nothing with JAX
            child = os.fork()
        if not child:
            try:
                whole.os = Steps(step)
                whole.write(str(path), NEW)
            finally:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 17
        found.append(path.read_bytes())
        left = [name for name in names(path.parent) if name != "a"]
        assert all(name.startswith(".") and name.endswith(whole.TEMPORARY) for name in left)
        assert len(left) <= 1
    assert set(found) == {OLD, NEW}
    assert found == sorted(found, key=lambda data: data == NEW)  # the old one up to some step, the new one from there
