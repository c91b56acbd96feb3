"""What `brdo rules` shows of two sets of rules."""

from rules_rig import rules_said, rules_with

from infra.rule_changes import Difference, differences, is_quiet_on_danger
from streams.rules import Rules, load_rules


def test_what_two_sets_say_otherwise_is_named_field_by_field_in_the_order_of_the_file() -> None:
    other = rules_with(
        surge__mode="shadow", severity__high=0.75, convoy__smuggling_kinds=["migrant_smuggling", "human_trafficking"]
    )
    kinds = "clandestine_entry, human_trafficking, migrant_smuggling"
    assert differences(load_rules(), other) == [
        Difference("severity.high", "0.8", "0.75"),
        Difference("surge.mode", "live", "shadow"),
        Difference("convoy.smuggling_kinds", kinds, "human_trafficking, migrant_smuggling"),
    ]


def test_rules_written_and_read_again_differ_in_nothing() -> None:
    assert differences(load_rules(), Rules.model_validate(rules_said())) == []


def test_rules_under_which_nobody_is_told_of_a_danger_are_known() -> None:
    assert [is_quiet_on_danger(rules_with(life_at_risk__mode=mode)) for mode in ("live", "shadow", "off")] == [
        False,
        True,
        True,
    ]
