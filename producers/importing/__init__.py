"""Tables of elsewhere, read as events."""
