"""A body is cut into the very bytes that were sent, and read no further than it may go."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.gateway.answers import GatewayError, Outcome
from producers.gateway.body import LARGEST_BODY_BYTES, MOST_EVENTS, Form, form_of, read_body, split_events
from schemas.codec import decode
from schemas.errors import Refusal, RefusalReason

texts = st.text(st.sampled_from('ab"\\,[]{}: \n\u20ac\u0000'), max_size=8)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def refused(body: bytes, form: Form = Form.JSON) -> Outcome:
    with pytest.raises(GatewayError) as caught:
        split_events(body, form)
    return caught.value.outcome


@given(st.lists(documents, min_size=1, max_size=6), st.sampled_from([None, 1]), st.booleans())
def test_an_array_is_cut_where_its_elements_stand(parts: list[object], indent: int | None, plain: bool) -> None:  # noqa: FBT001
    body = json.dumps(parts, indent=indent, ensure_ascii=plain).encode()
    assert [json.loads(one) for one in split_events(body, Form.JSON)] == parts
    assert all(one in body for one in split_events(body, Form.JSON))


def test_what_a_lenient_reader_would_repair_reaches_the_judge_as_it_was_sent() -> None:
    elements = [
        b'{"id": 1, "id": 2}',
        b'{ "lat" : NaN }',
        b"1.0000000000000000000001",
        b"9" * 5000,
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\\ud800 \t"',
        '"€"'.encode(),
    ]
    assert split_events(b" [" + b" ,\n".join(elements) + b"] ", Form.JSON) == elements


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (b'{"type": "incident", "id": "a", "id": "b"}', RefusalReason.DUPLICATE_FIELD),
        (b'{"type": "incident", "location": {"lat": NaN}}', RefusalReason.BROKEN_JSON),
        (b'{"type": "incident", "narrative": "\xff"}', RefusalReason.INVALID_UTF8),
    ],
)
def test_an_element_is_judged_by_the_bytes_it_had(element: bytes, reason: RefusalReason) -> None:
    (one,) = split_events(b"[" + element + b"]", Form.JSON)
    with pytest.raises(Refusal) as caught:
        decode(one)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"5",
        b'"a"',
        b"null",
        b"[",
        b"[]",
        b"[1",
        b"[1,",
        b"[1,]",
        b"[1 2]",
        b"[1]]",
        b"[1] 2",
        b"[,1]",
        b"]",
    ],
)
def test_what_is_no_object_and_no_array_is_not_json(body: bytes) -> None:
    assert refused(body) is Outcome.NOT_JSON


def test_brackets_without_end_are_refused_and_break_nothing() -> None:
    assert refused(b"[" * 1_000_000) is Outcome.NOT_JSON


def test_an_object_is_one_event_whatever_follows_in_it() -> None:
    assert split_events(b'\xef\xbb\xbf {"a": }} \n', Form.JSON) == [b'{"a": }}']


def test_each_line_is_an_event_and_blank_ones_are_none() -> None:
    assert split_events(b'\xef\xbb\xbf{"a":1}\r\n\n  {broken\n', Form.LINES) == [b'{"a":1}', b"{broken"]
    assert refused(b"\n\n", Form.LINES) is Outcome.NOT_JSON


@pytest.mark.parametrize("form", Form)
def test_a_batch_has_a_greatest_number_of_events(form: Form) -> None:
    def batch(number: int) -> bytes:
        one = b'{"id": 1}'
        return b"\n".join([one] * number) if form is Form.LINES else b"[" + b",".join([one] * number) + b"]"

    assert len(split_events(batch(MOST_EVENTS), form)) == MOST_EVENTS
    assert refused(batch(MOST_EVENTS + 1), form) is Outcome.TOO_LARGE


async def chunks(number: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(number):
        yield b" " * size


async def nothing_more() -> AsyncIterator[bytes]:
    yield b"{"
    await asyncio.Event().wait()


def test_a_body_is_read_up_to_its_greatest_size() -> None:
    assert len(asyncio.run(read_body(chunks(8, LARGEST_BODY_BYTES // 8), 10))) == LARGEST_BODY_BYTES
    for number in (9, 10_000):  # a little too much is read to its end, far too much is not
        with pytest.raises(GatewayError) as caught:
            asyncio.run(read_body(chunks(number, LARGEST_BODY_BYTES // 8), 10))
        assert caught.value.outcome is Outcome.TOO_LARGE


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    with pytest.raises(GatewayError) as caught:
        asyncio.run(read_body(nothing_more(), 0.05))
    assert caught.value.outcome is Outcome.TOO_SLOW


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("application/json", Form.JSON),
        ('Application/JSON; charset="UTF-8"', Form.JSON),
        ("application/x-ndjson;charset=utf-8", Form.LINES),
    ],
)
def test_the_content_type_names_the_form(content_type: str, form: Form) -> None:
    assert form_of(content_type) is form


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        (None, None),
        ("", None),
        ("text/plain", None),
        ("application/jsonp", None),
        ("application/json; charset=utf-16", None),
        ("application/json", "gzip"),
    ],
)
def test_every_other_content_type_is_refused(content_type: str | None, encoding: str | None) -> None:
    with pytest.raises(GatewayError) as caught:
        form_of(content_type, encoding)
    assert caught.value.outcome is Outcome.WRONG_CONTENT_TYPE
