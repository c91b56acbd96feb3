"""The embedded broker and database start, survive crashes and keep to themselves."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from started import Services, wait_until

from infra.services.errors import DirectoryInUseError, DownloadError, StartError
from infra.services.kafka import start_kafka
from infra.services.postgres_account import service_account

TOPIC = "kept"
REPOSITORY_ROOT = Path(__file__).parents[2]

START_BOTH = """
import sys, time
from pathlib import Path
from infra.services.kafka import start_kafka
from infra.services.postgres_account import service_account
from infra.services.postgres import start_postgres
data_dir, cache_dir = map(Path, sys.argv[1:])
kafka = start_kafka(data_dir, cache_dir, lambda *_: None)
postgres = start_postgres(data_dir)
print(kafka.pid, postgres.pid, kafka.bootstrap, postgres.url, flush=True)
time.sleep(600)
"""


def put(bootstrap: str, value: bytes) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(TOPIC, 1, 1)])[TOPIC].result(10)
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    producer.produce(TOPIC, value)
    assert producer.flush(10) == 0


def values(bootstrap: str) -> list[bytes | None]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(TOPIC, 0, 0)])
    try:
        return [message.value() for message in consumer.consume(1, timeout=10)]
    finally:
        consumer.close()


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def listening_addresses(pid: int | None) -> set[str]:
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    found = [connection for process in family for connection in process.net_connections()]
    return {connection.laddr.ip for connection in found if connection.status == psutil.CONN_LISTEN}


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid))


def test_a_killed_broker_starts_again_with_its_records_and_its_port(services: Services, tmp_path: Path) -> None:
    """In a directory whose path is longer than a Unix socket's may be, and has a space and a comma."""
    data_dir = tmp_path / ("a long, long name " * 4) / ("b" * 60)
    first = services.kafka(data_dir)
    put(first.bootstrap, b"before the kill")

    with pytest.raises(DirectoryInUseError, match=f"process {os.getpid()}"):
        services.kafka(data_dir)
    kill(first.pid)
    first.stop()
    second = services.kafka(data_dir)

    assert len(str(data_dir)) > 107
    assert second.bootstrap == first.bootstrap
    assert values(second.bootstrap) == [b"before the kill"]
    first.stop()  # a late second stop of the dead one does not touch its successor
    assert values(second.bootstrap) == [b"before the kill"]
    assert (data_dir / "kafka" / "process.json").exists()


def test_a_killed_database_starts_again_with_its_rows_and_its_port(services: Services, tmp_path: Path) -> None:
    """Even while a backend is too busy to notice that its server has died."""
    data_dir = tmp_path / ("a long name " * 10)
    first = services.postgres(data_dir)
    busy = connect(first.url)
    backend = busy.info.backend_pid
    with connect(first.url) as connection, ThreadPoolExecutor() as pool:
        connection.execute("CREATE TABLE kept AS SELECT 'before the kill' AS value")
        endless = pool.submit(busy.execute, "SELECT count(*) FROM generate_series(1, 100000000000)")
        active = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active'"
        wait_until(lambda: connection.execute(active, (backend,)).fetchone() is not None)
        with pytest.raises(DirectoryInUseError, match=f"process {os.getpid()}"):
            services.postgres(data_dir)
        kill(first.pid)
        assert is_alive(backend)
        first.stop()
        assert isinstance(endless.exception(10), psycopg.OperationalError)
    busy.close()
    second = services.postgres(data_dir)

    assert len(str(data_dir)) > 107
    assert second.url == first.url
    with connect(second.url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchall() == [("before the kill",)]


def test_after_its_starter_was_killed_the_next_start_works(
    services: Services, tmp_path: Path, kafka_cache: Path
) -> None:
    """With next to no environment, LANG=C, and a path that is not ASCII."""
    data_dir = tmp_path / "dossier partagé"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C"}
    command = [sys.executable, "-c", START_BOTH, str(data_dir), str(kafka_cache)]
    environment["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY_ROOT), *filter(None, sys.path)])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as starter:
        assert starter.stdout is not None
        kafka_pid, postgres_pid, bootstrap, url = starter.stdout.readline().split()
        put(bootstrap, b"before the kill")
        with connect(url) as connection:
            connection.execute("CREATE TABLE kept (value text)")
        starter.kill()
    assert is_alive(int(kafka_pid))
    assert is_alive(int(postgres_pid))

    kafka, postgres = services.kafka(data_dir), services.postgres(data_dir)

    assert not is_alive(int(kafka_pid))
    assert not is_alive(int(postgres_pid))
    assert (kafka.bootstrap, postgres.url) == (bootstrap, url)
    assert values(bootstrap) == [b"before the kill"]
    with connect(url) as connection:
        assert connection.execute("SELECT * FROM kept").fetchall() == []


def test_two_instances_run_side_by_side_on_loopback_only(services: Services, tmp_path: Path) -> None:
    data_dirs = [tmp_path / "one", tmp_path / "two"]
    with ThreadPoolExecutor() as pool:
        brokers = list(pool.map(services.kafka, data_dirs))
        databases = list(pool.map(services.postgres, data_dirs))

    put(brokers[0].bootstrap, b"only in the first")
    with connect(databases[0].url) as connection:
        connection.execute("CREATE TABLE only_in_the_first ()")

    other = AdminClient({"bootstrap.servers": brokers[1].bootstrap})
    assert TOPIC not in other.list_topics(timeout=10).topics
    with connect(databases[1].url) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM only_in_the_first")
    for pid in (*(kafka.pid for kafka in brokers), *(postgres.pid for postgres in databases)):
        assert listening_addresses(pid) == {"127.0.0.1"}

    producer = Producer({"bootstrap.servers": brokers[1].bootstrap, "message.timeout.ms": 2000})
    failures: list[object] = []
    producer.produce("nobody-made-this", b"", on_delivery=lambda error, _message: failures.append(error))
    producer.flush(10)
    assert failures[0] is not None, "a topic that nobody made took a record"
    assert "nobody-made-this" not in other.list_topics(timeout=10).topics


def test_nobody_gets_into_the_database_without_the_password(services: Services, tmp_path: Path) -> None:
    postgres = services.postgres(tmp_path)
    password_path = tmp_path / "postgres" / "password"
    password = password_path.read_text(encoding="ascii").strip()

    assert stat.S_IMODE(password_path.stat().st_mode) == 0o600
    assert password not in repr(postgres)
    for wrong in ("", "brdo"):
        with pytest.raises(psycopg.OperationalError):
            connect(postgres.url.replace(password, wrong))
    with connect(postgres.url) as connection:
        trusted = "SELECT * FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'"
        assert connection.execute(trusted).fetchall() == []
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)


def test_an_occupied_port_is_replaced_by_a_free_one(services: Services, tmp_path: Path) -> None:
    first = services.postgres(tmp_path)
    first.stop()
    port = int((tmp_path / "postgres" / "port").read_text(encoding="ascii"))
    with socket.create_server(("127.0.0.1", port)):
        second = services.postgres(tmp_path)

        assert second.url != first.url
        with connect(second.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_stale_pid_file_with_the_pid_of_another_process_does_not_block(services: Services, tmp_path: Path) -> None:
    """After a crash its pid may belong to any process, also to one of the account it runs as."""
    first = services.postgres(tmp_path)
    first.stop()
    pid_file = tmp_path / "postgres" / "cluster" / "postmaster.pid"
    account = service_account()
    with subprocess.Popen(["sleep", "60"], user=account.user if account else None) as other:
        pid_file.write_text(f"{other.pid}\n{pid_file.parent}\n1\n1\n\n127.0.0.1\n0 0\n", encoding="ascii")

        with connect(services.postgres(tmp_path).url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert other.poll() is None
        other.kill()


def test_a_broker_that_ends_early_says_why_and_where_its_log_is(services: Services, tmp_path: Path) -> None:
    data = tmp_path / "kafka" / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").write_text("version=1\ncluster.id=x\nnode.id=7\n", encoding="ascii")

    with pytest.raises(StartError) as caught:
        services.kafka(tmp_path)

    assert "Stored node id 7" in str(caught.value)
    assert str(tmp_path / "kafka" / "kafka.log") in str(caught.value)
    assert "BRDO_KAFKA_BOOTSTRAP" in str(caught.value)


def test_without_a_network_the_first_start_names_the_setting_for_another_broker(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}/maven2"

    with pytest.raises(DownloadError, match="BRDO_KAFKA_BOOTSTRAP") as caught:
        start_kafka(tmp_path / "data", tmp_path / "cache", lambda _done, _total, _label: None, repository=nowhere)

    assert nowhere in str(caught.value)
    assert not (tmp_path / "data").exists()
