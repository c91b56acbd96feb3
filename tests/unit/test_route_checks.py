"""Which files of routes are refused: with the exact line, field and text."""

from pathlib import Path

import pytest
from endpoints import a_contact_point

from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import Channel, ContactPoint, contact_point_codes
from consumers.routing import BUNDLED, load_routes
from schemas.errors import ConfigurationError

CODES = contact_point_codes(CONTACT_POINTS)
ZAGREB = "timezone: Europe/Zagreb"
REGISTERED = "is no station of the registry, nor a place such as HR-BRE/SI-OBR"


class Mute(ContactPoint):
    """A contact point of which no channel works."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        return ()


def refusal(tmp_path: Path, text: str, points: dict[str, ContactPoint] | None = None) -> str:
    """Return why the file is refused, without its name."""
    path = tmp_path / "routing.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_routes(path, CODES if points is None else points)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    return said.removeprefix(f"{path}: ")


def routes(*lines: str, fallback: str = "[SI]", times: str = "{}") -> str:
    """Return a file whose first route stands on line 3."""
    return "\n".join([f"times: {times}", "routes:", *(f"  - {line}" for line in lines), f"fallback: {fallback}"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (routes("{name: a, to: [SU]}"), "line 3: routes.0.to.0: SU is not a contact point"),
        (
            routes("{name: a, to: [SI], routes: [{name: b, to: [SI, SU]}]}"),
            "line 3: routes.0.routes.0.to.1: SU is not a contact point",
        ),
        (routes("{name: a, to: [SI]}", fallback="[SU]"), "line 4: fallback.0: SU is not a contact point"),
        (
            routes("{name: a, to: [SI]}", fallback="['@places']"),
            "line 4: fallback.0: should match pattern '^[A-Z]{2,10}$'",
        ),
        (
            routes("{name: a, to: [SI]}", fallback="[]"),
            "line 4: fallback: Tuple should have at least 1 item after validation, not 0",
        ),
        ("routes: []", "line 1: fallback: Field required"),
        (routes("{name: a, to: []}"), "line 3: routes.0: tells nobody: needs `to`, or routes of its own"),
        (
            routes("{name: a, to: [SI], continue: true}", "{name: b, routes: [{name: a, to: [HR]}]}"),
            "line 4: routes.1.routes.0.name: two routes are named a",
        ),
        (
            routes("{name: fallback, to: [SI]}"),
            "line 3: routes.0.name: fallback is no name for a route: it stands where none is the reason",
        ),
        (routes("{name: a, to: [SI], goes_on: true}"), "line 3: routes.0.goes_on: Extra inputs are not permitted"),
        (routes("{name: a, to: [SI], when: [night]}"), "line 3: routes.0.when.0: night is not one of the `times`"),
        (
            routes("{name: a, to: [SI], not_when: [night]}"),
            "line 3: routes.0.not_when.0: night is not one of the `times`",
        ),
        (
            routes("{name: a, to: [SI], when: [day], not_when: [day]}", times=f"{{day: {{{ZAGREB}}}}}"),
            "line 3: routes.0.not_when: never applies: it takes out all of `when`",
        ),
        (routes("{name: a, to: [SI], match: {places: [SI-XXX]}}"), f"line 3: routes.0.match.places.0: {REGISTERED}"),
        (routes("{name: a, to: [SI], match: {places: [SI]}}"), f"line 3: routes.0.match.places.0: {REGISTERED}"),
        (routes("{name: a, to: [SI], match: {route: [RS, SI-X]}}"), f"line 3: routes.0.match.route.1: {REGISTERED}"),
        (
            routes("{name: a, to: [SI], match: {route: [SU, HU]}}"),
            "line 3: routes.0.match.route.0: is no country with a station in the registry",
        ),
        (
            routes("{name: a, to: [SI], match: {route: [HU]}}"),
            "line 3: routes.0.match.route: Tuple should have at least 2 items after validation, not 1",
        ),
        (
            routes("{name: a, to: [SI], match: {countries: [SI, SU]}}"),
            "line 3: routes.0.match.countries.1: SU is neither a country with a station nor a contact point",
        ),
        (
            routes("{name: a, to: [SI], match: {kinds: [life_at_risk]}, routes: [{name: b, to: ['@addressees']}]}"),
            (
                "line 3: routes.0.routes.0.to: @addressees finds nobody: only a bulletin has addressees, "
                "and it matches none"
            ),
        ),
        (
            routes("{name: a, to: [SI], match: {exercise: true}, "
                   "routes: [{name: b, to: [HR], match: {exercise: false}}]}"),
            "line 3: routes.0.routes.0.match.exercise: never applies: a above it leaves nothing of this",
        ),
        (
            routes("{name: a, routes: [{name: b, to: [HR], match: {kinds: [surge]}}], match: {kinds: [convoy]}}"),
            "line 3: routes.0.routes.0.match.kinds: never applies: a above it leaves nothing of this",
        ),
        (
            routes("{name: a, to: [anna.kos@policija.example]}"),
            "line 3: routes.0.to.0: must be a contact point's code, @places, @originators or @addressees",
        ),
        ("{", "line 1: not YAML: expected the node content, but found '<stream end>'"),
        ("routes: &a [{name: a, to: [SI], routes: *a}]\nfallback: [SI]", "not YAML in UTF-8: RecursionError"),
    ],
)  # fmt: skip
def test_a_file_that_could_lose_an_alert_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """What somebody typed by mistake is not repeated where it could be personal data."""
    assert refusal(tmp_path, text) == complaint


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("{timezone: Mars/Olympus}", "timezone: must be a time zone of the IANA database, such as Europe/Ljubljana"),
        ("{timezone: Europe}", "timezone: must be a time zone of the IANA database, such as Europe/Ljubljana"),
        ("{from: 08:00}", "timezone: Field required"),
        (f"{{from: 24:00, {ZAGREB}}}", "from: must be a clock time from 00:00 to 23:59; midnight is 00:00"),
        (f"{{to: 8:00, {ZAGREB}}}", "to: must be a clock time from 00:00 to 23:59; midnight is 00:00"),
        (
            f"{{weekdays: [], {ZAGREB}}}",
            "weekdays: Frozenset should have at least 1 item after validation, not 0",
        ),
        (f"{{days: [31], months: [2, 4], {ZAGREB}}}", "none of these months has such a day"),
    ],
)
def test_a_time_that_is_none_is_refused(tmp_path: Path, said: str, complaint: str) -> None:
    field = "times.shift: " if complaint.startswith("none of") else "times.shift."
    text = routes("{name: a, to: [SI], when: [shift]}", times=f"{{shift: {said}}}")
    assert refusal(tmp_path, text) == f"line 1: {field}{complaint}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ""),
        ("", "match: {kinds: [surge], handling: [H3]}"),
        ("match: {kinds: [surge, convoy]}", "match: {kinds: [surge], exercise: true}"),
        ("match: {severity_at_least: medium}", "match: {severity_at_least: high}"),
        ("match: {route: [RS, SI]}", "match: {route: [RS, HU, SI]}"),
        ("match: {places: [SI-OBR, SI-GRU]}", "match: {places: [SI-GRU]}"),
        ("when: [day, night]", "when: [night]"),
        ("not_when: [night]", "not_when: [day, night]"),
        ("match: {life_at_risk: true}", "match: {life_at_risk: true, originators: [SI], countries: [SI]}"),
    ],
)
def test_a_route_that_an_earlier_one_leaves_nothing_to_is_refused(tmp_path: Path, first: str, second: str) -> None:
    """The classical mistake: the earlier one does not say `continue`."""
    times = f"{{day: {{to: 18:00, {ZAGREB}}}, night: {{from: 18:00, {ZAGREB}}}}}"
    lines = [f"{{name: {name}, to: [SI], {said}}}" for name, said in (("a", first), ("b", second))]
    complaint = "never applies: a before it matches all that it does, and does not say `continue`"
    assert refusal(tmp_path, routes(*lines, times=times)) == f"line 4: routes.1: {complaint}"
    nested = routes(f"{{name: x, routes: [{', '.join(lines)}]}}", times=times)
    assert refusal(tmp_path, nested) == f"line 3: routes.0.routes.1: {complaint}"
    path = tmp_path / "routing.yaml"
    path.write_text(routes(lines[0].replace("to:", "continue: true, to:"), lines[1], times=times))
    load_routes(path, CODES)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("match: {kinds: [surge]}", "match: {kinds: [surge, convoy]}"),
        ("match: {kinds: [surge]}", ""),
        ("match: {severity_at_least: high}", "match: {severity_at_least: medium}"),
        ("match: {route: [RS, SI]}", "match: {route: [SI, RS]}"),
        ("match: {route: [RS, HU, SI]}", "match: {route: [RS, SI]}"),
        ("match: {exercise: true}", "match: {exercise: false}"),
        ("when: [day]", "when: [day, night]"),
        ("when: [day]", ""),
        ("not_when: [day]", "not_when: [night]"),
    ],
)
def test_a_route_to_which_something_is_left_is_taken(tmp_path: Path, first: str, second: str) -> None:
    times = f"{{day: {{to: 18:00, {ZAGREB}}}, night: {{from: 18:00, {ZAGREB}}}}}"
    lines = [f"{{name: {name}, to: [SI], {said}}}" for name, said in (("a", first), ("b", second))]
    path = tmp_path / "routing.yaml"
    path.write_text(routes(*lines, times=times))
    assert len(load_routes(path, CODES).routes) == 2


def test_an_earlier_route_that_tells_nobody_itself_leaves_the_rest_to_those_after_it(tmp_path: Path) -> None:
    path = tmp_path / "routing.yaml"
    path.write_text(routes("{name: a, routes: [{name: b, match: {kinds: [surge]}, to: [SI]}]}", "{name: c, to: [HR]}"))
    assert len(load_routes(path, CODES).routes) == 2


def test_a_route_below_another_that_leaves_some_of_it_is_taken(tmp_path: Path) -> None:
    below = "{name: b, match: {kinds: [convoy, bulletin], exercise: false}, to: [HR]}"
    path = tmp_path / "routing.yaml"
    path.write_text(routes(f"{{name: a, match: {{kinds: [surge, convoy]}}, routes: [{below}]}}"))
    assert len(list(load_routes(path, CODES).located())) == 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (routes("{name: a, to: [HR]}"), "line 3: routes.0.to.0: HR has no working channel"),
        (routes("{name: a, to: [SI]}", fallback="[SI, HR]"), "line 4: fallback.1: HR has no working channel"),
        (routes("{name: a, to: ['@places']}"), "contact point HR has no working channel"),
    ],
)
def test_a_contact_point_that_cannot_be_told_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """Whether it is named, or may be found in an alert."""
    told, mute = a_contact_point("SI"), a_contact_point("HR")
    points = {"SI": told, "HR": Mute(mute.code, mute.name, mute.webhook)}
    assert refusal(tmp_path, text, points) == complaint


def test_the_bundled_file_is_right_and_clock_times_need_no_quotes(tmp_path: Path) -> None:
    load_routes(BUNDLED, {code: a_contact_point(code) for code in CODES})
    path = tmp_path / "routing.yaml"
    path.write_text(routes("{name: a, to: [SI]}", times="{night: {from: 22:00, to: 06:30, timezone: UTC}}"))
    night = load_routes(path, CODES).times["night"]
    assert (night.begins.hour, night.ends.hour, night.ends.minute) == (22, 6, 30)
