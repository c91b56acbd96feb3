"""The kinds of alert, one pure module each: `find(…) -> drafts` from the evidence it is given."""
