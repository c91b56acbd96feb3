"""The services the system stands on: one Kafka broker and one PostgreSQL server.

Each is started in one of two ways behind one shape, and the caller decides which::

    start_kafka(...)            ──►  Kafka(bootstrap, pid, log_path)      embedded
    start_kafka_container()     ──►  Kafka(bootstrap, None, None)         in a container
    start_postgres(...)         ──►  Postgres(url, pid, log_path)         embedded
    start_postgres_container()  ──►  Postgres(url, None, None)            in a container

What stands on what::

    kafka ──► jars ──► kafka_lock       postgres ──► postgres_cluster ──► postgres_account
      │         │                          │
      ├─────────┴──────────────────────────┤
      ▼         ▼                          ▼
    process   lock   ports              errors

Nothing here reads settings or the environment: paths and addresses are passed in. Everything
listens on 127.0.0.1 only, and everything an embedded service writes is under the data directory
and the cache directory it was given. As root alone, PostgreSQL also needs a system account, and a
copy of its programs in /var/lib/brdo where that account cannot reach the installed ones.
"""
