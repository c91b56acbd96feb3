"""What travels between stations, streams and contact points: events, alerts and how they are written.

This package imports nothing of the other packages and does no input or output beyond
reading the files it ships with.
"""
