"""The school's own entries for a scheme: who reads and writes them, versions, conflicts, and what they lead to."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from accreditation.models import SchemeSheet
from accreditation.services.readiness import assess, gather, the_schemes
from accreditation.services.sheets import SheetConflict, save_sheet
from common.errors import DomainError
from evaluations.services import instruments
from schools.choices import Role
from schools.models import AuditEvent
from tests.factories import Place, SchoolFactory, person_at, whole_catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    return Place()


def address(place: Place, scheme: str = "ban-2017") -> str:
    return reverse("accreditation:entries", args=[place.school.npsn, place.cycle.year, scheme])


def sheet_of(place: Place, scheme: str = "ban-2017") -> SchemeSheet | None:
    return SchemeSheet.objects.filter(cycle=place.cycle, scheme=scheme).first()


def save(place: Place, data: dict | None, *, version: int = 0, scheme: str = "ban-2017", **options) -> SchemeSheet:
    actor = options.pop("actor", place.team)
    return save_sheet(place.cycle, the_schemes()[scheme], "SD", version=version, actor=actor, data=data, **options)


LETTERS = {"version": "0", "way": "answers", "item-1": "B", "item-119": "A"}
KEPT = [
    ("ban-2017", LETTERS, {"answers": {"1": "B", "119": "A"}}),
    ("ban-2017", {"version": "0", "way": "obtained", "sum-isi": "109"}, {"obtained": {"isi": 109}}),
    (
        "iasp-2020",
        {"version": "0", "statement-1": "4", "statement-8": "2", "entry-izin": "ya", "entry-mapel": "tidak"},
        {"ipr": [4, None, None, None, None, None, None, 2], "ipm": {"izin": True, "mapel": False}},
    ),
    (
        "ia-2024",
        {"version": "0", "threshold-A": "3,5", "context-3.10.3": "campuran"},
        {"levels": {"3.10.3": {"level": None, "context": "campuran"}}, "thresholds": {"A": "3.5"}},
    ),
]


@pytest.mark.parametrize(("scheme", "sent", "data"), KEPT)
def test_what_is_entered_is_kept_as_input_of_the_scheme_and_stands_in_the_form_again(client, place, scheme, sent, data):
    client.force_login(place.team)
    answer = client.post(address(place, scheme), sent, follow=True)
    assert answer.redirect_chain == [(address(place, scheme), 302)]
    assert "Isian tersimpan." in answer.content.decode()
    sheet = sheet_of(place, scheme)
    assert (sheet.data, sheet.version, sheet.updated_by) == (data, 1, place.team)
    again = client.get(address(place, scheme))
    assert again.context["form"].to_input() == data
    assert again.context["version"] == 1
    assert f"Terakhir disimpan oleh {place.team}" in again.content.decode()


def test_every_change_is_recorded_with_before_and_after(client, place):
    client.force_login(place.principal)
    client.post(address(place), LETTERS)
    client.post(address(place), {"version": "1", "way": "answers", "item-1": "C", "item-119": ""})
    events = AuditEvent.objects.filter(action="readiness.entered").order_by("pk")
    assert [event.after["data"] for event in events] == [{"answers": {"1": "B", "119": "A"}}, {"answers": {"1": "C"}}]
    assert events[1].before == {"data": {"answers": {"1": "B", "119": "A"}}, "efforts": {}}
    assert {event.school_id for event in events} == {place.school.pk}


def test_what_is_entered_reaches_the_figures_of_the_school(place):
    save(place, {"ipr": [4] * 8, "ipm": {"izin": False}}, scheme="iasp-2020")
    save(place, {"obtained": {"isi": 148}})
    save(place, {"thresholds": {"A": "3.5"}}, scheme="ia-2024")
    material = gather(place.cycle)
    figures = {key: assess(material, scheme).claimed for key, scheme in the_schemes().items()}
    assert figures["iasp-2020"].as_dict()["ipr"] == "100.00"
    assert figures["ban-2017"].as_dict()["components"][0] == {"code": "isi", "value": "14.00", "scaled": 100}
    assert list(figures["ia-2024"].answers.thresholds) == ["A"]


def test_items_that_an_instrument_asks_are_not_asked_here(client, place):
    whole_catalogue()
    client.force_login(place.team)
    for scheme in ("iasp-2020", "ia-2024"):
        html = client.get(address(place, scheme)).content.decode()
        assert 'name="item-' not in html
        assert reverse("evaluations:instruments", args=[place.school.npsn, 2026]) in html
        refused = client.post(address(place, scheme), {"version": "0", "item-1": "4"})
        assert refused.status_code == 422
    instruments.open_evaluation(place.cycle.pk, "ia-2024", actor=place.team)
    html = client.get(address(place, "ia-2024")).content.decode()
    assert reverse("evaluations:instrument", args=[place.school.npsn, 2026, "ia-2024"]) in html
    assert "instrumennya sendiri" not in client.get(address(place)).content.decode()


@pytest.mark.parametrize(
    ("scheme", "sent", "says"),
    [
        ("ban-2017", {"way": "obtained", "sum-isi": "149"}, "0 sampai 148"),
        ("ban-2017", {"way": "answers", "item-1": "F"}, "A, B, C, D, E"),
        ("iasp-2020", {"statement-1": "7"}, "1 sampai 4"),
        ("iasp-2020", {"statement-9": "4"}, "statement-9"),
        ("ia-2024", {"threshold-A": "2", "threshold-B": "3"}, "menurun"),
        ("ia-2024", {"context-3.10.3": "pagi"}, "campuran"),
        ("ban-2017", {"version": "", "way": "obtained", "sum-isi": "109"}, "penanda versi"),
        ("ban-2017", {"version": "-1", "way": "obtained", "sum-isi": "109"}, "penanda versi"),
    ],
)
def test_wrong_entries_are_refused_and_stay_on_the_page(client, place, scheme, sent, says):
    client.force_login(place.team)
    data = {"version": "0", **sent}
    answer = client.post(address(place, scheme), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert says in html
    assert 'role="alert"' in html
    for name in set(sent) - {"version", "way", "statement-9"}:
        assert f'value="{sent[name]}"' in html
    assert sheet_of(place, scheme) is None


def test_a_stale_version_saves_nothing_and_shows_both(client, place):
    client.force_login(place.team)
    save(place, {"answers": {"1": "B", "2": "A"}}, actor=place.principal)
    answer = client.post(address(place), {"version": "0", "way": "answers", "item-1": "C", "item-2": "A"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert sheet_of(place).data == {"answers": {"1": "B", "2": "A"}}
    assert '<a href="#item-1">Butir 1</a>: tersimpan B, di sini C' in html
    assert "#item-2" not in html
    assert '<option value="C" selected>' in html
    assert '<input type="hidden" name="version" value="1">' in html
    again = client.post(address(place), {"version": "1", "way": "answers", "item-1": "C", "item-2": "A"})
    assert again.status_code == 302
    assert sheet_of(place).data == {"answers": {"1": "C", "2": "A"}}


def test_a_field_error_does_not_hide_a_later_conflict(client, place):
    """The page of a refused form keeps the version that the person saw, not the newest one."""
    client.force_login(place.team)
    save(place, {"answers": {"1": "B"}}, actor=place.principal)
    refused = client.post(address(place), {"version": "0", "way": "answers", "item-1": "x"})
    assert refused.context["version"] == 0


def test_the_same_content_again_changes_nothing(place):
    first = save(place, {"answers": {"1": "B"}})
    again = save(place, {"answers": {"1": "B"}}, version=0)
    assert (again.pk, again.version) == (first.pk, 1)
    assert AuditEvent.objects.filter(action="readiness.entered").count() == 1


def test_an_empty_first_entry_leaves_no_row(client, place):
    client.force_login(place.team)
    assert client.post(address(place), {"version": "0", "way": "answers", "item-1": ""}).status_code == 302
    assert sheet_of(place) is None
    assert not AuditEvent.objects.filter(action="readiness.entered").exists()


def test_entries_can_be_emptied_again(client, place):
    save(place, {"answers": {"1": "B"}})
    client.force_login(place.team)
    client.post(address(place), {"version": "1", "way": "answers", "item-1": ""})
    assert (sheet_of(place).data, sheet_of(place).version) == ({}, 2)


def test_efforts_and_entries_are_kept_apart(place):
    save(place, None, efforts={"1": 3})
    sheet = save(place, {"answers": {"1": "B"}}, version=1)
    assert (sheet.data, sheet.efforts, sheet.version) == ({"answers": {"1": "B"}}, {"1": 3}, 2)
    sheet = save(place, None, efforts={}, version=2)
    assert (sheet.data, sheet.efforts) == ({"answers": {"1": "B"}}, {})


@pytest.mark.parametrize("efforts", [{"1": 0}, {"1": 1000}, {"1": True}, {"1": "3"}, {"1": 1.5}, {"999": 3}])
def test_impossible_efforts_are_refused(place, efforts):
    with pytest.raises(DomainError):
        save(place, None, efforts=efforts)
    assert sheet_of(place) is None


@pytest.mark.parametrize("data", [{"answers": {"1": "F"}}, {"levels": {"1": 4}}, {"answers": {"120": "A"}}])
def test_the_service_refuses_what_the_scheme_does_not_take(place, data):
    with pytest.raises(DomainError) as refused:
        save(place, data)
    assert refused.value.status == 422
    assert sheet_of(place) is None


def test_a_form_of_education_that_is_not_scored_shows_the_reason_and_keeps_nothing(client):
    place = Place(form="SMP")
    reason = the_schemes()["ban-2017"].reason("SMP")
    client.force_login(place.team)
    assert reason in client.get(address(place)).content.decode()
    refused = client.post(address(place), LETTERS)
    assert refused.status_code == 422
    with pytest.raises(DomainError, match="tidak ditemukan"):
        save_sheet(place.cycle, the_schemes()["ban-2017"], "SMP", version=0, actor=place.team, data={"answers": {}})
    assert not SchemeSheet.objects.exists()


READERS = [Role.CONTRIBUTOR, Role.OPERATOR, Role.COMMITTEE, Role.FOUNDATION]


@pytest.mark.parametrize("role", READERS)
def test_people_inside_the_school_read_and_do_not_write(client, place, role):
    save(place, {"answers": {"1": "B"}})
    client.force_login(person := person_at(place.school, role))
    html = client.get(address(place)).content.decode()
    assert "<dt>Butir 1</dt><dd>B</dd>" in html
    assert "<select" not in html
    assert "diubah oleh" in html
    assert client.post(address(place), {"version": "1", "way": "answers", "item-1": "A"}).status_code == 403
    with pytest.raises(PermissionDenied):
        save(place, {"answers": {"1": "A"}}, version=1, actor=person)
    assert sheet_of(place).data == {"answers": {"1": "B"}}


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.GUEST_REVIEWER])
def test_entries_stay_inside_the_school(client, place, role):
    client.force_login(person_at(place.school, role))
    assert client.get(address(place)).status_code == 403


def test_another_school_does_not_know_the_page(client, place):
    client.force_login(person_at(SchoolFactory(), Role.PRINCIPAL))
    assert client.get(address(place)).status_code == 404
    assert client.post(address(place), LETTERS).status_code == 404
    assert sheet_of(place) is None


@pytest.mark.parametrize("scheme", the_schemes())
def test_the_page_costs_a_fixed_number_of_queries(client, place, scheme, django_assert_max_num_queries):
    save(place, {"answers": {str(n): "B" for n in range(1, 120)}})
    client.force_login(place.team)
    client.get(address(place, scheme))
    with django_assert_max_num_queries(6):  # session, person, appointments, evaluation, sheet, open instrument
        client.get(address(place, scheme))


def test_a_first_entry_that_came_too_late_is_a_conflict_and_no_crash(place, monkeypatch):
    """As on a database that lets both look before one of them writes."""
    first = save(place, {"answers": {"1": "B"}})
    monkeypatch.setattr(SchemeSheet.objects, "select_for_update", SchemeSheet.objects.none)
    with pytest.raises(SheetConflict) as conflict:
        save(place, {"answers": {"1": "A"}})
    assert conflict.value.current == first
    assert sheet_of(place).data == {"answers": {"1": "B"}}


@pytest.mark.django_db(transaction=True)
def test_of_two_first_entries_at_the_same_moment_one_becomes_a_conflict():
    place = Place()
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def enter(letter: str) -> None:
        start.wait()
        try:
            outcomes.append(save(place, {"answers": {"1": letter}}).data)
        except SheetConflict as conflict:
            outcomes.append(conflict)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=(letter,)) for letter in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    conflicts = [one for one in outcomes if isinstance(one, SheetConflict)]
    assert len(outcomes) == 2
    assert len(conflicts) == 1
    assert conflicts[0].current.data in outcomes
    assert SchemeSheet.objects.get(cycle=place.cycle).version == 1


def test_another_way_of_filling_in_replaces_stored_entries_only_when_somebody_says_so(client, place):
    client.force_login(place.team)
    save(place, {"answers": {"1": "B", "2": "A"}})
    sent = {"version": "1", "way": "obtained", "sum-isi": "100"}
    asked = client.post(address(place), sent)
    assert asked.status_code == 422
    assert asked.context["lost"] == 2
    assert 'name="sum-isi" value="100"' in asked.content.decode()
    assert SchemeSheet.objects.get().data == {"answers": {"1": "B", "2": "A"}}
    assert client.post(address(place), sent | {"ganti": "1"}).status_code == 302
    assert SchemeSheet.objects.get().data == {"obtained": {"isi": 100}}
