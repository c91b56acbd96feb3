"""A notice says that there is something to be read, and cannot be made to say more."""

import json

import pytest
from hypothesis import given
from notices import a_notice, notices
from pydantic import ValidationError

from consumers.notice import Notice, parse


def test_the_text_of_a_notice_is_this() -> None:
    """Receivers verify and keep these bytes."""
    assert a_notice(revision=2, superseded_by=f"al-{3:020x}", status="withdrawn").text() == (
        '{"type":"alert.revision","timestamp":"2026-11-15T19:25:03Z","data":{"delivery":"dl-00000000000000000001",'
        '"sequence":17,"contact_point":"SI","alert":"al-00000000000000000002","revision":2,"status":"withdrawn",'
        '"superseded_by":"al-00000000000000000003","kind":"repeat_vehicle","severity":"high","exercise":false,'
        '"life_at_risk":false,"view":"full","digest":"sha-256=0000000000000000000000000000000000000000000=",'
        '"link":"/v1/deliveries/dl-00000000000000000001"}}'
    )


@given(notice=notices)
def test_what_is_written_is_read_and_written_alike(notice: Notice) -> None:
    assert parse(notice.text()) == notice
    assert parse(notice.text()).text() == notice.text()


@pytest.mark.parametrize(
    "more",
    [
        {"summary": "Vehicle SK1717ZZ (MK) is back"},
        {"kind": "SK1717ZZ"},
        {"view": "withheld"},
        {"alert": {"id": "al-00000000000000000002"}},
        {"link": "https://elsewhere.example/v1/deliveries/dl-00000000000000000001"},
        {"delivery": "dl-1\r\nBcc: x@y.example"},
        {"contact_point": "SI AT"},
        {"digest": "SK1717ZZ"},
    ],
)
def test_what_is_not_for_every_eye_is_no_notice(more: dict[str, object]) -> None:
    said = json.loads(a_notice().text())
    said["data"] |= more
    with pytest.raises(ValidationError):
        parse(json.dumps(said))
