"""Exercises of the whole chain: scripted reports, sent the ordinary way, that say that they are an exercise."""
