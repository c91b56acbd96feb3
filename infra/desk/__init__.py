"""The duty desk in a terminal: the thin shell around `consumers.desk`.

keyboard  a terminal that gives every key at once, and is as it was afterwards
kafka     what the desk writes to Kafka and reads there
session   threads that wait, a screen that shows
"""
