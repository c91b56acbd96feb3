"""Faust by batches: agents that apply many records at once and hand them over durably. Knows nothing of borders.

records     a Kafka record as agents see it
batches     from a Faust stream, the records that are there now
positions   what may be applied: the next record, and no other
state       a table whose state and input position are one atomic changelog batch
app         a Faust app with the settings that this needs
"""
