"""A batch spread over devices and processes: nothing is communicated, and every bit is that of one device."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from test_docs import blocks

TESTS = Path(__file__).resolve().parent.parent
PATH = os.pathsep.join(filter(None, (str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH"))))
EIGHT = "--xla_force_host_platform_device_count=8"


def start(script: Path, *arguments: str, folder: Path, flags: str = "") -> Any:
    environment = {**os.environ, "PYTHONPATH": PATH, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def printed(*processes: Any) -> list[str]:
    """What they print. One that fails or hangs ends them all, as the others wait for it."""
    try:
        ended = [process.communicate(timeout=240) for process in processes]
    finally:
        for process in processes:
            process.kill()
    for process, (_, errors) in zip(processes, ended, strict=True):
        assert process.returncode == 0, errors[-3000:]
    return [output.strip() for output, _ in ended]


def free_address() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{found.getsockname()[1]}"


def test_eight_devices_and_no_collective(tmp_path):
    assert printed(start(Path(__file__).with_name("sharded.py"), folder=tmp_path)) == ["5 operators on 8 devices"]


def test_the_example_of_the_guide_on_one_device_on_eight_and_in_two_processes(tmp_path):
    """Started together, for they share no more than the processors."""
    (script,) = [body for kind, body, _ in blocks("howto/run_on_many_devices.md") if kind == "spread.py"]
    file, address = tmp_path / "spread.py", free_address()
    file.write_text(script + "\n", encoding="utf-8")
    one, eight, two = (tmp_path / name for name in ("one", "eight", "two"))
    output = printed(
        start(file, folder=one),
        start(file, folder=eight, flags=EIGHT),
        start(file, address, "2", "0", folder=two),
        start(file, address, "2", "1", folder=two),
    )
    assert output == [
        "64 of 64 samples on 1 of 1 devices",
        "64 of 64 samples on 8 of 8 devices",
        *2 * ["32 of 64 samples on 1 of 2 devices"],
    ]
    alone, apart = np.load(one / "connected_0.npz"), np.load(eight / "connected_0.npz")
    halves = [np.load(two / f"connected_{process}.npz") for process in (0, 1)]
    for name in ("xp", "mels"):
        assert alone[name].tobytes() == apart[name].tobytes()
        assert alone[name].tobytes() == np.concatenate([half[name] for half in halves]).tobytes()
