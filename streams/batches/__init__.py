"""Faust by batches: agents that apply many records at once and hand them over durably. Knows nothing of borders.

records     a Kafka record as agents see it
changelog   batches that count whole or not at all, and which writer's count
stores      where a partition's entries are kept on this machine: nowhere, or in RocksDB
keyed       a state of values by key, the commonest one
recovery    from the local store and the changelog back to the state
fetching    reading one topic, on a thread of its own
wire        appending whole batches to Kafka
partitions  who owns what, what is due, and the order in which a batch becomes durable
progress    what it applied, how far recovery is
jobs        what a worker is to do
app         the Faust app: one agent for each input topic
transport   the private parts of Faust 0.15.3 that this needs, all of them
worker      the process that runs an app, and that always ends
"""
