"""The pure engine: decisions as functions of events, without clock, input or output.

incidents   events that update or repeat each other, resolved to incidents
drafts      what a typology found, before it is an alert
revisions   drafts held against the open alerts: what is new, changed, withdrawn
casebook    the state, and `apply(event) -> effects`
"""
