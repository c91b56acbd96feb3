"""Children are stopped by deadline, and orphans are found again without touching anyone else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra.services.errors import DirectoryInUseError, StartError
from infra.services.lock import lock_data_dir
from infra.services.ports import choose_ports
from infra.services.process import Child, Launch, reap_orphan

READY = "print('ready', flush=True); time.sleep(60)"
SLEEP = f"import time; {READY}"
DEAF = f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); {READY}"


def a_child(tmp_path: Path, code: str) -> Child:
    command = (sys.executable, "-c", code)
    return Child(Launch(command, tmp_path, tmp_path / "log", tmp_path / "process.json", {}))


def wait_for_log(child: Child, text: str) -> None:
    deadline = time.monotonic() + 10
    while text not in child.log_tail():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_child_that_ignores_sigterm_is_killed_with_its_whole_group(tmp_path: Path) -> None:
    code = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEP!r}]).pid); {DEAF}"
    child = a_child(tmp_path, code)
    wait_for_log(child, "ready\n")
    (grandchild,) = psutil.Process(child.pid).children()

    child.stop(0.2)

    assert child.exit_code() == -signal.SIGKILL
    assert psutil.wait_procs([grandchild], timeout=10)[1] == []
    assert not (tmp_path / "process.json").exists()


def test_an_orphan_is_stopped_by_its_record(tmp_path: Path) -> None:
    child = a_child(tmp_path, SLEEP)

    assert reap_orphan(tmp_path / "process.json", signal.SIGTERM, 10)

    assert child.wait(10) == -signal.SIGTERM
    assert not reap_orphan(tmp_path / "process.json", signal.SIGTERM, 10), "its record is gone"


def test_an_orphan_is_found_by_its_command_if_we_died_before_writing_its_pid(tmp_path: Path) -> None:
    child = a_child(tmp_path, SLEEP + f" # {tmp_path}")
    wait_for_log(child, "ready")
    record_path = tmp_path / "process.json"
    record = json.loads(record_path.read_text(encoding="utf-8"))
    record_path.write_text(json.dumps({**record, "pid": None, "created": None}), encoding="utf-8")

    reap_orphan(record_path, signal.SIGTERM, 10)

    assert child.wait(10) == -signal.SIGTERM


def test_another_process_that_got_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    record_path = tmp_path / "process.json"
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as other:
        record = {"command": ["/bin/gone"], "pid": other.pid, "created": psutil.Process(other.pid).create_time() - 60}
        record_path.write_text(json.dumps(record), encoding="utf-8")

        reap_orphan(record_path, signal.SIGTERM, 10)

        assert other.poll() is None
        assert not record_path.exists()
        other.kill()


def test_a_record_cut_short_by_a_crash_does_not_block(tmp_path: Path) -> None:
    record_path = tmp_path / "process.json"
    record_path.write_text('{"command": [', encoding="utf-8")

    assert reap_orphan(record_path, signal.SIGTERM, 1)
    assert not record_path.exists()


def test_the_tail_is_of_this_run_only_and_without_stack_traces(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("of an earlier run\n", encoding="utf-8")
    child = a_child(tmp_path, r"print('the reason\n\tat one\n\tat two')")
    assert child.wait(10) == 0

    assert child.log_tail() == "the reason"


def test_a_program_that_is_missing_is_an_error_that_names_it(tmp_path: Path) -> None:
    missing = str(tmp_path / "no such program")
    with pytest.raises(StartError, match="no such program"):
        Child(Launch([missing], tmp_path, tmp_path / "log", tmp_path / "process.json", {}))


def test_a_locked_directory_names_its_holder_and_is_free_once_the_holder_was_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from infra.services.lock import lock_data_dir\n"
        "with lock_data_dir(Path(sys.argv[1])): print('locked', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(DirectoryInUseError, match=f"process {holder.pid}") as caught, lock_data_dir(tmp_path):
            pass
        assert caught.value.pid == holder.pid
        holder.kill()

    with lock_data_dir(tmp_path):
        pass


def test_ports_are_kept_and_never_given_twice(tmp_path: Path) -> None:
    first = choose_ports(tmp_path / "ports", 2)
    assert len(set(first)) == 2
    assert choose_ports(tmp_path / "ports", 2) == first
    for spoiled in ("99999 -1 half", "25000 25000"):
        (tmp_path / "ports").write_text(spoiled, encoding="ascii")
        assert len(set(choose_ports(tmp_path / "ports", 2))) == 2
