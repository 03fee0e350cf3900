"""What the printed report says and how it looks, read back from the PDF."""

from __future__ import annotations

import io
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from PIL import Image
from pypdf import PdfReader

from common.canonical import sha256_text
from common.clock import local_date
from evaluations.models import AnswerState, Evaluation, EvidenceKind
from evaluations.services import answers, evidence, reviews
from reports import pdf
from reports.pdf import BundledFonts, render_html, render_pdf
from reports.snapshot import build_snapshot, read_snapshot
from schools.choices import AppointmentKind, IdentifierKind, Naungan, RegionLevel, Role
from schools.models import Assignment, SchoolIdentifier
from standards.items import ItemSpec
from tests.factories import Place, RegionFactory, person_at, whole_catalogue

pytestmark = pytest.mark.django_db  # also what makes pytest-django create the database for the fixtures below
MEETING = "Ibu Rina (komite)\nBapak Adi\nIbu Tuti"


def fresh(place: Place) -> Evaluation:
    return Evaluation.objects.with_place().get(pk=place.evaluation.pk)


def picture(title: str) -> bytes:
    """A small PNG, another one for every title."""
    data = io.BytesIO()
    Image.new("RGB", (8, 8), f"#{sha256_text(title)[:6]}").save(data, "PNG")
    return data.getvalue()


def attach(place: Place, code: str, title: str, *, confidential: bool = False) -> None:
    evidence.add_evidence(
        place.section(code.partition(".")[0]).pk, code, actor=place.teacher, title=title, kind=EvidenceKind.PHOTO,
        dated=date(2026, 8, 17), confidential=confidential, name="foto.png", data=picture(title),
    )  # fmt: skip


def reviewed_place() -> Place:
    """A madrasah led by a Plt., with everything that a report may have to show."""
    whole_catalogue()
    province = RegionFactory(code="52", name="Nusa Contoh", level=RegionLevel.PROVINCE, time_zone="Asia/Makassar")
    region = RegionFactory(code="52.01", name="Kabupaten Timur", time_zone="Asia/Makassar", parent=province)
    place = Place(name="MI Contoh", form="MI", naungan=Naungan.KEMENAG, region=region)
    SchoolIdentifier.objects.create(
        school=place.school, kind=IdentifierKind.NSM, value="111252010001", valid_from=date(2020, 1, 1)
    )
    place.principal.name, place.principal.nip = "Siti Aminah, S.Pd.I.", "197606062003121005"
    place.principal.save()
    Assignment.objects.filter(person=place.principal).update(kind=AppointmentKind.PLT)
    place.committee = person_at(place.school, Role.COMMITTEE)
    for standard in ("7", "8"):
        place.fill(standard, 4)
    attach(place, "8.1.1.a", "Daftar penerima bantuan")
    attach(place, "8.2.1.a", "Gaji per orang", confidential=True)
    place.answer("7.1.1.a", 4, note="Catatan <b>tebal</b> & {{ kurung }}")
    section = place.section("8")
    asked = next(item for item in section.items if item.na)
    row = section.answers.get(item_code=asked.code)
    wanted = answers.AnswerInput(AnswerState.NOT_APPLICABLE, None, asked.na[0].code)
    answers.record_answer(section.pk, asked.code, wanted, version=row.version, actor=place.teacher)
    place.not_applicable = asked
    row = section.answers.get(item_code="8.3.3.a")
    answers.record_answer(section.pk, "8.3.3.a", answers.AnswerInput(None), version=row.version, actor=place.teacher)
    place.submit("7")
    place.submit("8", reasons={"8.3.3.a": "Menunggu rapat komite"})
    for standard in ("7", "8"):
        place.open(standard)
        place.confirm_all(standard)
    section = place.section("7")
    correction = answers.AnswerInput(AnswerState.ANSWERED, {"level": 1})
    reviews.review_item(
        section.pk, "7.1.1.a", "CORRECTED", actor=place.team, correction=correction,
        reason="Visi belum dipakai menyusun rencana", mode="MEETING", attendance=MEETING,
    )  # fmt: skip
    reviews.review_item(place.section("8").pk, "8.3.3.a", "CONFIRMED", actor=place.team)
    link = place.section("8").links.get(item_code="8.1.1.a")
    reviews.review_link(place.section("8").pk, "8.1.1.a", link.revision.code, accept=True, actor=place.team)
    for standard in ("7", "8"):
        place.verify(standard)
    reviews.approve_evaluation(place.evaluation.pk, actor=place.principal)
    return place


@pytest.fixture
def place(db) -> Place:
    return reviewed_place()


class _Undo(Exception):
    pass


@dataclass(frozen=True)
class Frozen:
    """What tests that only read share: the snapshot of one place, and what stood in the database then."""

    text: str
    not_applicable: ItemSpec
    codes: list[str]
    receipts: list[str]


@pytest.fixture(scope="module")
def frozen(django_db_setup, django_db_blocker) -> Frozen:
    with django_db_blocker.unblock(), suppress(_Undo), transaction.atomic():
        place = reviewed_place()
        made = Frozen(
            text=build_snapshot(fresh(place)),
            not_applicable=place.not_applicable,
            codes=[item.code for item in place.evaluation.spec.items_for("MI")],
            receipts=[row.number for standard in ("7", "8") for row in place.section(standard).submissions.all()],
        )
        raise _Undo
    return made


@pytest.fixture
def content(frozen) -> dict:
    return read_snapshot(frozen.text)


def items(content: dict) -> dict[str, dict]:
    blocks = (indicator for standard in content["standards"] for indicator in standard["indicators"])
    return {item["code"]: item for block in blocks for item in block["items"]}


# --- content ----------------------------------------------------------------------------------------


def test_the_same_data_give_the_same_text_and_other_data_another(place):
    first = build_snapshot(fresh(place))
    assert build_snapshot(fresh(place)) == first
    place.school.phone = "0370 123"
    place.school.save()
    assert sha256_text(build_snapshot(fresh(place))) != sha256_text(first)


def test_nothing_is_frozen_before_the_approval(db):
    with pytest.raises(ValueError, match="not approved"):
        build_snapshot(fresh(Place()))


def test_the_number_of_queries_does_not_grow_with_the_answers(place, django_assert_max_num_queries):
    evaluation = fresh(place)
    with django_assert_max_num_queries(20):
        build_snapshot(evaluation)


def test_every_item_says_answer_evidence_and_review(frozen, content):
    found = items(content)
    assert list(found) == frozen.codes
    corrected = found["7.1.1.a"]
    assert corrected["answer"]["level"] == "Level capaian 4"
    assert corrected["review"]["corrected"]["level"] == "Level capaian 1"
    assert (corrected["review"]["tone"], corrected["review"]["reason"]) == (
        "corrected", "Visi belum dipakai menyusun rencana",
    )  # fmt: skip
    assert found["8.3.3.a"]["answer"]["detail"] == "Menunggu rapat komite"
    assert found["8.3.3.a"]["review"]["label"] == "Alasan diterima"
    assert found[frozen.not_applicable.code]["answer"]["detail"] == frozen.not_applicable.na[0].text


def test_the_method_names_modes_meetings_and_what_does_not_count(frozen, content):
    method = content["method"]
    assert method["scope"] == "mengukur 2 dari 8 standar"
    modes = {mode["name"]: mode["count"] for mode in method["modes"]}
    assert modes == {"Tim mutu": 21, "Rapat telaah": 1}
    assert method["meetings"][0]["people"] == MEETING.splitlines()
    assert method["meetings"][0]["items"] == ["7.1.1.a"]
    assert [row["code"] for row in method["unanswered"]] == ["8.3.3.a"]
    assert [row["code"] for row in method["not_applicable"]] == [frozen.not_applicable.code]
    assert any(basis["mark"] for basis in method["bases"])


def test_the_three_views_keep_their_own_coverage(content):
    claimed, verified, backed = content["profile"]["coverage"]
    assert (claimed["answered"], claimed["applicable"]) == (21, 22)
    assert verified["answered"] == 21
    assert backed["answered"] < verified["answered"]
    assert claimed["view"] == "Penilaian madrasah"
    assert [row["verified"] != "" for row in content["profile"]["standards"]] == [False] * 6 + [True] * 2


def test_confidential_evidence_keeps_its_hash_and_loses_its_title(content):
    secret = items(content)["8.2.1.a"]["evidence"][0]
    assert secret["title"] == "bukti rahasia"
    row = next(row for row in content["evidence"] if row["number"] == secret["number"])
    assert (row["title"], len(row["sha256"]), row["dated"]) == ("bukti rahasia", 64, "17 Agustus 2026")
    assert "Gaji" not in json.dumps(content)


def test_evidence_marked_confidential_after_the_submission_loses_its_title_too(place):
    place.school.evidence.update(confidential=True)
    assert "Daftar penerima" not in build_snapshot(fresh(place))


def test_a_reason_for_no_answer_is_accepted_not_confirmed_and_decides_nothing(content):
    unanswered = items(content)["8.3.3.a"]
    assert (unanswered["answer"]["state"], unanswered["review"]["label"]) == ("unanswered", "Alasan diterima")
    assert content["method"]["decided"] == content["profile"]["coverage"][1]["answered"] + 1  # one is not applicable


def test_accepted_evidence_is_told_from_waiting_evidence(content):
    assert [row["uses"][0]["value"] for row in content["evidence"]] == ["Diterima", "Tidak diputuskan"]


def test_strong_and_weak_subindicators_follow_the_stated_rule(content):
    best = content["highlights"]
    assert "di atas 5,06" in best["rule"]
    assert [row["verified"] for row in best["strengths"]] == ["7,00"] * 5
    assert [row["code"] for row in best["weaknesses"]] == ["7.1.1"]


def test_whoever_approved_signs_also_when_another_head_begins_on_that_day(place):
    day = fresh(place).approved_at.date()
    successor = person_at(place.school, Role.PRINCIPAL, kind=AppointmentKind.PLH, valid_from=day - timedelta(days=1))
    Assignment.objects.filter(person=place.principal).update(valid_to=day + timedelta(days=1))
    head = json.loads(build_snapshot(fresh(place)))["approval"]["head"]
    assert head["name"] == str(place.principal)
    # An appointment that turns out not to have been in force: then the head of that day signs.
    Assignment.objects.filter(person=place.principal).update(valid_to=day - timedelta(days=30))
    head = json.loads(build_snapshot(fresh(place)))["approval"]["head"]
    assert head["name"] == str(successor)


def test_an_acting_head_signs_as_such_with_a_grouped_nip(content):
    assert content["approval"]["head"] == {
        "title": "Plt. Kepala Madrasah",
        "name": "Siti Aminah, S.Pd.I.",
        "nip": "19760606 200312 1 005",
    }


def test_a_new_head_from_the_next_day_on_changes_nothing_about_a_signed_report(place):
    before = build_snapshot(fresh(place))
    approved = local_date(fresh(place).approved_at, "Asia/Makassar")
    Assignment.objects.filter(person=place.principal).update(valid_to=approved)
    person_at(place.school, Role.PRINCIPAL, valid_from=approved + timedelta(days=1))
    assert build_snapshot(fresh(place)) == before


def test_the_signing_day_is_the_day_in_the_school_and_not_in_utc(place):
    late = datetime(2027, 6, 15, 0, 30, tzinfo=ZoneInfo("Asia/Makassar"))  # still 14 June in UTC and in Jakarta
    Evaluation.objects.filter(pk=place.evaluation.pk).update(approved_at=late)
    assert read_snapshot(build_snapshot(fresh(place)))["approval"]["date"] == "15 Juni 2027"


def test_every_round_leaves_its_receipt(frozen, content):
    assert [row["number"] for row in content["receipts"]] == frozen.receipts
    assert content["receipts"][0]["submitted"].endswith("WITA")


def test_a_snapshot_of_another_schema_is_refused():
    with pytest.raises(ValueError, match="schema"):
        read_snapshot('{"schema": 99}')


# --- pages ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(frozen) -> tuple[str, bytes, list[int]]:
    """Snapshot, PDF and progress; laid out once."""
    seen: list[int] = []
    return frozen.text, render_pdf(frozen.text, on_progress=seen.append), seen


@pytest.fixture
def reader(printed) -> PdfReader:
    return PdfReader(io.BytesIO(printed[1]))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_same_snapshot_gives_the_same_bytes(printed):
    assert render_pdf(printed[0]) == printed[1]


def test_progress_grows_to_95_in_many_steps(printed):
    seen = printed[2]
    assert (seen[0], seen[-1]) == (5, 95)
    assert all(first < second for first, second in pairwise(seen))
    assert len(seen) > 12


def test_every_page_is_a4_and_says_its_number(reader):
    total = len(reader.pages)
    assert 10 < total <= 26
    for number, page in enumerate(reader.pages, start=1):
        assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (595, 842)
        if number > 1:
            text = flat(page.extract_text())
            assert f"halaman {number} dari {total}" in text
            assert "MI Contoh" in text


def test_the_table_of_contents_names_the_right_pages(reader):
    contents = flat(reader.pages[1].extract_text())
    starts = {entry.title: reader.get_destination_page_number(entry) + 1 for entry in _bookmarks(reader.outline)}
    found = 0
    for title, page in starts.items():
        match = re.search(re.escape(flat(title)) + r"[ .]+(\d+)", contents)
        if match:
            assert int(match[1]) == page
            found += 1
    assert found >= 12


def _bookmarks(outline):
    for entry in outline:
        yield from _bookmarks(entry) if isinstance(entry, list) else [entry]


def test_head_and_nip_are_printed_on_the_approval_page(reader):
    text = flat(reader.pages[2].extract_text())
    for part in (
        "Disahkan oleh Plt. Kepala Madrasah", "Siti Aminah, S.Pd.I.", "NIP 19760606 200312 1 005",
        "Komite Madrasah", "Divalidasi oleh Pengawas Madrasah", "Tim Penjamin Mutu (TPM)",
    ):  # fmt: skip
        assert part in text


def test_texts_of_a_school_are_printed_as_they_are(reader):
    text = flat("".join(page.extract_text() for page in reader.pages))
    assert "Catatan <b>tebal</b> & {{ kurung }}" in text
    assert "Visi belum dipakai menyusun rencana" in text
    assert "Kabupaten Timur, Nusa Contoh" in text
    assert "NSM 111252010001" in text


def test_only_the_bundled_fonts_are_embedded(reader):
    names = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"]["/Font"].get_object().values()
    }
    assert names
    assert all(re.match(r"/[A-Z]{6}\+Source-Sans-3", name) for name in names)


def test_the_file_says_its_title_author_language_and_the_day_of_the_approval(printed, reader):
    cover = read_snapshot(printed[0])["cover"]
    assert "MI Contoh" in reader.metadata.title
    assert reader.metadata.author == "MI Contoh"
    assert reader.trailer["/Root"]["/Lang"] == "id"
    assert reader.metadata.creation_date == datetime.fromisoformat(cover["created"])


def test_the_report_stays_small(printed):
    assert len(printed[1]) < 2_000_000


@pytest.mark.parametrize("url", ["https://example.org/a.png", "file:///etc/passwd", "bundled:../settings.py"])
def test_nothing_but_the_bundled_fonts_can_be_fetched(url):
    with pytest.raises(ValueError, match="not available"):
        BundledFonts().fetch(url)


def test_an_error_while_telling_the_progress_ends_the_layout(printed):
    def lost(percent):
        if percent > 20:
            raise KeyError("lease")

    before = list(pdf.PROGRESS_LOGGER.handlers)
    with pytest.raises(KeyError):
        render_pdf(printed[0], on_progress=lost)
    assert pdf.PROGRESS_LOGGER.handlers == before


def test_the_scope_is_named_where_its_figures_stand():
    place = Place(edition="2026.1", scope="inti")
    place.complete()
    text = build_snapshot(fresh(place))
    asked, whole = len(place.evaluation.asked), len(place.evaluation.spec.asked("SD"))
    scope = f"dalam cakupan Inti ({asked} dari {whole} pertanyaan untuk bentuk ini) mengukur 8 dari 8 standar"
    html = render_html(text)
    method, profile = html.partition('id="cara"')[2], html.partition('id="profil"')[2]
    assert f"Instrumen itu <strong>{scope}</strong> nasional pendidikan" in method
    assert "Standar lain belum diukur" not in method
    assert f"Evaluasi ini {scope} nasional." in profile.partition("</section>")[0]
