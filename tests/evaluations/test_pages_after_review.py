"""What a review leaves behind for those who answered, submitted or only read: decisions, reasons, receipts."""

import re

import pytest
from django.urls import reverse

from evaluations.models import Evidence
from evaluations.services import reviews
from evaluations.services.answers import AnswerInput
from evaluations.services.evidence import add_evidence
from evaluations.year_presentation import CycleView
from schools.choices import Naungan, Role
from tests.evaluations import uploads
from tests.factories import Place, person_at

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
RUBRIC, OTHER, YES_NO = "8.1.3.a", "8.3.3.a", "8.1.2.a"
REASON = "Menunggu daftar dari desa."
WHY = "Dua kelas belum menerima keringanan."


@pytest.fixture
def place() -> Place:
    return Place()


def url(place, name, *args):
    return reverse(f"evaluations:{name}", args=[place.school.npsn, place.cycle.year, *args])


def section_page(client, place, person) -> str:
    client.force_login(person)
    return client.get(url(place, "section", "8")).content.decode()


def decided(place: Place, *, returned: bool) -> None:
    """Standard 8 went in with one question unanswered; the team corrected one answer, and gave one back or closed."""
    place.fill()
    place.section().answers.filter(item_code=YES_NO).delete()
    place.submit(reasons={YES_NO: REASON})
    place.open()
    place.confirm_all()
    pk = place.section().pk
    better = AnswerInput("ANSWERED", {"level": 2})
    reviews.review_item(pk, RUBRIC, "CORRECTED", actor=place.team, correction=better, reason=WHY)
    reviews.review_item(pk, YES_NO, "CONFIRMED", actor=place.team)
    if returned:
        reviews.review_item(pk, OTHER, "RETURNED", actor=place.team, reason="Papan informasinya belum tampak.")
        reviews.return_section(pk, actor=place.team)
    else:
        place.verify()


def test_a_correction_and_its_reason_reach_teachers_and_supervisors(client, place):
    decided(place, returned=False)
    for person in (place.teacher, place.principal, place.supervisor):
        page = section_page(client, place, person)
        assert WHY in page
        assert "Dikoreksi tim mutu menjadi: Level 2" in page
        assert "Sesuai menurut tim mutu." in page
        assert "belum ditelaah" not in page
        assert "Hasil telaah tim ada di" in page


def test_what_the_team_decides_is_not_shown_before_the_review_is_closed(client, place):
    place.fill()
    place.submit()
    place.open()
    better = AnswerInput("ANSWERED", {"level": 2})
    reviews.review_item(place.section().pk, RUBRIC, "CORRECTED", actor=place.team, correction=better, reason=WHY)
    page = section_page(client, place, place.teacher)
    assert WHY not in page
    assert "belum ditelaah" in page


def test_a_returned_standard_shows_corrections_beside_what_is_to_mend(client, place):
    decided(place, returned=True)
    page = section_page(client, place, place.teacher)
    assert "Telaah terakhir: Dikoreksi tim mutu" in page
    assert WHY in page
    assert "Papan informasinya belum tampak." in page


def test_the_reason_for_no_answer_and_every_receipt_stay_readable(client, place):
    decided(place, returned=False)
    page = section_page(client, place, place.teacher)
    assert f"Belum dapat dijawab: {REASON}" in page
    assert "Alasan diterima menurut tim mutu." in page
    for submission in place.section().submissions.all():
        assert reverse("evaluations:receipt", args=[submission.number]) in page


def test_the_confirmation_names_what_was_returned_and_not_changed(client, place):
    decided(place, returned=True)
    client.force_login(place.principal)
    page = client.get(url(place, "submit", "8")).content.decode()
    assert "1 hal yang dikembalikan tim mutu belum diubah" in page
    assert f"#butir-{OTHER.replace('.', '-')}" in page
    place.answer(OTHER, 4)
    assert "belum diubah" not in client.get(url(place, "submit", "8")).content.decode()


def test_home_counts_only_what_is_still_to_mend(place):
    decided(place, returned=True)
    assert any("1 hal perlu diperbaiki" in step.title for step in CycleView(place.teacher, place.evaluation).steps)
    place.answer(OTHER, 4)
    assert not any("perlu diperbaiki" in step.title for step in CycleView(place.teacher, place.evaluation).steps)


def test_home_says_whether_the_team_has_begun(place):
    place.fill()
    place.submit()
    assert "belum mulai menelaah" in CycleView(place.teacher, place.evaluation).steps[-1].note
    place.open()
    assert "sedang menelaah" in CycleView(place.teacher, place.evaluation).steps[-1].note


def test_nobody_is_told_that_proof_waits_where_nobody_will_look(client, place):
    place.fill()
    data = {"name": "a.pdf", "data": uploads.pdf(), "actor": place.teacher, "title": "Notulen"}
    add_evidence(place.section().pk, OTHER, **data)
    assert "Belum diajukan" in section_page(client, place, place.teacher)
    place.submit()
    assert "Menunggu telaah" in section_page(client, place, place.teacher)
    place.open()
    place.confirm_all()
    place.verify()
    for page in (section_page(client, place, place.teacher), client.get(url(place, "section", "8")).content.decode()):
        assert "Tidak diputuskan" in page
        assert "Menunggu telaah" not in page
    client.force_login(place.team)
    assert "1 bukti tidak diputuskan" in client.get(url(place, "queue")).content.decode()
    assert Evidence.objects.count() == 1


def test_a_receipt_is_found_without_its_dashes(client, place):
    place.fill()
    number = place.submit().number
    for typed in (number.replace("-", ""), number.lower().replace("-", " ")):
        assert number in client.get(f"/tanda-terima/{typed}/").content.decode()


def test_approving_goes_through_the_summary(client, place):
    for standard in ("7", "8"):
        place.fill(standard)
        place.submit(standard)
        place.open(standard)
        place.confirm_all(standard)
        place.verify(standard)
    client.force_login(place.principal)
    page = client.get(url(place, "cycle")).content.decode()
    assert f'href="{url(place, "approve")}"' in page
    assert f'action="{url(place, "approve")}"' not in page


def test_emptying_an_answer_is_not_one_tap_beside_saving(client, place):
    place.answer(RUBRIC)
    page = section_page(client, place, place.teacher)
    foot = page[page.index("question-foot") :]
    assert foot.index("<summary>Kosongkan jawaban") < foot.index('name="kosongkan"')


def test_a_madrasah_is_not_called_a_school(client):
    place = Place(form="MI", naungan=Naungan.KEMENAG)
    client.force_login(person_at(place.school, Role.COMMITTEE))
    assert "hanya kepala madrasah yang" in client.get(url(place, "submit", "8")).content.decode().lower()
    assert "Penilaian madrasah" in client.get(url(place, "profile")).content.decode()
    assert "Penilaian sekolah" not in client.get(url(place, "profile")).content.decode()


def test_a_madrasah_reads_its_own_words_on_its_pages(client):
    """All that stays is official: names of the standards and their parts, and the title of the instrument."""
    place = Place(form="MI", naungan=Naungan.KEMENAG, edition="2026.1", scope="lengkap")
    official = {row.name for row in place.evaluation.catalogue.rows} | {place.evaluation.spec.title}
    stays = re.compile("|".join(re.escape(one) for one in sorted(official, key=len, reverse=True)))
    client.force_login(place.principal)
    pages = [url(place, name) for name in ("cycle", "stages", "instruments", "scope", "profile")]
    pages += [url(place, "section", standard) for standard in "12345678"]
    for address in [*pages, reverse("evaluations:school", args=[place.school.npsn])]:
        response = client.get(address, follow=True)
        assert response.status_code == 200
        seen = stays.sub("", re.sub(r"<[^>]*>", " ", response.content.decode()))
        assert "madrasah" in seen.lower()
        assert re.findall(r"(?<!madrasah/)\b(?:[Ss]ekolah|[Dd]inas|Dapodik|RKAS|TPMPS)\b.{0,40}", seen) == [], address
