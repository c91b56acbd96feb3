"""The console in a browser, on the real line: a case is reported, seen by those concerned, answered, and withdrawn."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_console import Console, sign_in
from playwright.sync_api import Page, expect

pytest_plugins = ["running_system", "chromium"]

_numbers = count(1)


def report(station: str, plate: str, *, hours_ago: float = 1, **more: Any) -> str:
    """Return an incident as its line."""
    when = datetime.now(UTC) - timedelta(hours=hours_ago)
    vehicle = {"plate": plate, "plate_country": "SI", "make": "Fiat", "colour": "white"}
    said = {"type": "incident", "schema_version": "1.0", "id": f"B-{next(_numbers)}", "station": station}
    said |= {"occurred_at": when.isoformat(), "kind": "migrant_smuggling", "direction": "entry"}
    return json.dumps({**said, "vehicles": [vehicle], **more})


def twice(plate: str) -> tuple[str, str]:
    """Return two reports of one vehicle, at Obrežje and three hours later at Gruškovje."""
    return report("SI-OBR", plate, hours_ago=6), report("SI-GRU", plate, hours_ago=2)


def row(page: Page, text: str) -> Any:
    return page.locator("#board li", has_text=text)


def in_order(page: Page) -> list[str]:
    return [item.get_attribute("id") or "" for item in page.locator("#board li").all()]


def test_a_case_comes_to_the_boards_of_those_concerned_and_to_no_other(console: Console) -> None:
    slovenia, croatia, albania = (console.officer(code) for code in ("SI", "HR", "AL"))
    console.publish(*twice("LJ 101-BC"))
    for page in (slovenia, croatia):
        expect(row(page, "LJ101BC")).to_contain_text("Vehicle seen in several incidents")
        expect(row(page, "LJ101BC")).to_contain_text("next call at")
    expect(slovenia).to_have_title("(1) Board of SI")
    assert albania.locator("#board li").count() == 0


def test_it_is_acknowledged_by_keyboard_and_the_other_countrys_clock_goes_on(console: Console) -> None:
    slovenia, croatia = console.officer("SI"), console.officer("HR")
    console.publish(*twice("LJ 202-BC"))
    row(slovenia, "LJ202BC").wait_for()
    row(slovenia, "LJ202BC").locator("a").focus()
    slovenia.keyboard.press("Enter")
    slovenia.wait_for_selector("article.alert")
    slovenia.keyboard.press("a")
    expect(slovenia.locator(".facts")).to_contain_text("acknowledged · a.novak")
    slovenia.keyboard.press("Escape")
    expect(row(slovenia, "LJ202BC")).to_contain_text("acknowledged · a.novak")
    expect(row(croatia, "LJ202BC")).to_contain_text("next call at")


def test_a_false_match_withdraws_it_for_both(console: Console) -> None:
    slovenia, croatia = console.officer("SI"), console.officer("HR")
    console.publish(*twice("LJ 303-BC"))
    row(croatia, "LJ303BC").locator("a").click()
    croatia.wait_for_selector("article.alert")
    croatia.keyboard.press("5")
    expect(croatia.locator(".facts")).to_contain_text("false match · a.novak")
    expect(row(slovenia, "LJ303BC")).to_contain_text("withdrawn", timeout=30_000)
    expect(croatia.locator("#newer")).to_contain_text("A newer revision is there")


def test_the_first_screen_of_an_alert_says_who_where_why_what_and_by_when(console: Console) -> None:
    page = console.officer("SI")
    console.publish(*twice("LJ 404-BC"))
    row(page, "LJ404BC").locator("a").click()
    for name in ("Who or what", "Last place", "Why", "What to do", "By when", "Who has it"):
        box = page.locator("dt", has_text=name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720, name
    facts = page.locator(".facts")
    for said in ("LJ404BC", "Gruškovje (SI) · entry", "was used in 2 occurrences", "next call at"):
        expect(facts).to_contain_text(said)
    for button in ("Acknowledge A", "confirmed 1", "not confirmed 2"):
        assert (page.get_by_role("button", name=button, exact=True).bounding_box() or {"y": 999})["y"] < 720
    expect(page.locator("svg.map .name").last).to_contain_text("2 Gruškovje (SI)")


def test_life_at_risk_stands_first_and_is_said_at_once(console: Console) -> None:
    page = console.officer("SI")
    console.publish(*twice("LJ 505-BC"))
    row(page, "LJ505BC").wait_for()
    console.publish(report("SI-OBR", "LJ 506-BC", life_at_risk=True))
    expect(page.locator("#danger")).to_contain_text("Life at risk. Obrežje (SI).")
    expect(page.locator("#board li").first).to_contain_text("LIFE AT RISK")


def test_nothing_moves_under_the_pointer_until_it_is_asked_for(console: Console) -> None:
    page = console.officer("SI")
    console.publish(*twice("LJ 606-BC"))
    row(page, "LJ606BC").wait_for()
    row(page, "LJ606BC").hover()
    before = in_order(page), row(page, "LJ606BC").bounding_box()
    console.publish(report("SI-OBR", "LJ 607-BC", life_at_risk=True))
    expect(page.locator("#take")).to_contain_text("1 new or changed")
    assert (in_order(page), row(page, "LJ606BC").bounding_box()) == before
    page.keyboard.press("n")
    expect(row(page, "LJ 607-BC")).to_have_count(1)


def test_a_lost_connection_shows_at_once_and_what_was_missed_comes_after(console: Console) -> None:
    page = console.officer("SI")
    with console.cut_off():
        expect(page.locator("#line")).to_contain_text("CONNECTION LOST, what is shown is of", timeout=10_000)
        console.publish(*twice("LJ 707-BC"))
    expect(page.locator("#line")).to_have_attribute("data-state", "live")
    expect(row(page, "LJ707BC")).to_have_count(1)
    expect(page.locator("#said")).to_contain_text("Vehicle seen in several incidents")


def test_a_session_that_ends_keeps_what_was_being_typed(console: Console) -> None:
    page = console.officer("SI")
    console.publish(*twice("LJ 747-BC"))
    row(page, "LJ747BC").locator("a").click()
    page.fill("[name=note]", "two men, <blue> van")
    page.context.clear_cookies(name="brdo_session")
    page.get_by_role("button", name="confirmed 1", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    sign_in(page, "SI")
    expect(page.locator("[name=note]")).to_have_value("two men, <blue> van")


def test_another_language_is_chosen_and_kept(console: Console) -> None:
    page = console.officer("SI")
    page.get_by_role("button", name="Slovenščina").click()
    expect(page.locator("h1")).to_contain_text("Pregled za SI")
    page.reload()
    assert page.locator("html").get_attribute("lang") == "sl"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_hinders_anybody(console: Console, scheme: Any) -> None:
    """axe-core's rules of WCAG 2.2 A and AA, on each page and in both schemes."""
    console.publish(*twice("LJ 909-BC"), report("SI-OBR", "LJ 910-BC", life_at_risk=True))
    page = console.visitor(color_scheme=scheme)
    found: dict[str, list[str]] = {}
    found["sign-in"] = violations(page)
    page = console.officer("SI", color_scheme=scheme)
    row(page, "LJ909BC").wait_for()
    found["board"] = violations(page)
    row(page, "LJ909BC").locator("a").click()
    page.wait_for_selector("article.alert")
    found["alert"] = violations(page)
    page.goto(f"{console.address}/nothing")
    found["failure"] = violations(page)
    assert {name: said for name, said in found.items() if said} == {}


def violations(page: Page) -> list[str]:
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": tags}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1024), (1920, 1080)])
def test_a_phone_a_tablet_and_a_control_room_show_it_without_scrolling_sideways(
    console: Console, width: int, height: int
) -> None:
    console.publish(*twice("LJ 111-BC"))
    page = console.officer("SI", viewport={"width": width, "height": height})
    row(page, "LJ111BC").wait_for()
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if page.locator("#board").count():
            row(page, "LJ111BC").locator("a").click()
