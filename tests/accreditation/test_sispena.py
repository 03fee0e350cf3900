"""Drafts of the Deskripsi Kinerja Asesi, their saved texts and files, and the compulsory documents."""

from __future__ import annotations

import io
from datetime import date

import docx
import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from accreditation.models import CompulsoryUpload, PerformanceText
from accreditation.performance import NOTHING, Known, Proof, Reply, Words, counts, draft, mark_of
from accreditation.performance_docx import Front, Part, write_docx
from accreditation.services import sispena
from accreditation.services.readiness import the_schemes
from common.errors import DomainError, StateError
from evaluations.models import Evidence, EvidenceLink, LinkState
from evaluations.values import Checklist, Ratio, Rubric, YesNo
from schools.choices import Role
from schools.models import AuditEvent
from tests.accreditation.sispena_steps import SispenaPlace
from tests.evaluations import uploads
from tests.factories import Place, person_at, the_library, the_spec

WORDS = Words("sekolah", "IA2024 versi 2025.1", "EDS", {4: "4 (Sangat Baik)", 3: "3 (Baik)", 2: "2", 1: "1"})
IA = next(spec for spec in the_library().instruments if spec.instrument == "ia-2024").asked("SD")
EDS = the_spec("2026.1").asked("SD", "lengkap")
HOSTILE = "<script>alert(1)</script>\x00\x0b\x1f\ud800\ufffe\u202e ]]> &amp; " + "x" * 5000


def of_kind(kind: str):
    return next(item for item in EDS.values() if item.kind == kind)


def known(code: str = "1.1.1", level: int | None = 3, note: str = "", **more) -> Known:
    direct = Reply(IA[code], Rubric(level), note=note) if level else None
    return Known(code, "Nama", direct, **more)


# --- the draft --------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_direct_answer_says_what_is_done_and_that_the_next_level_is_not(level):
    text = draft([known(level=level, note="Guru menyimak.")], WORDS)
    assert f"Yang dilakukan: sekolah menilai diri pada level {WORDS.levels[level]}." in text
    assert IA["1.1.1"].levels[level] in text
    assert "Catatan sekolah: Guru menyimak." in text
    assert f"Yang belum: level {level + 1} belum dinyatakan tercapai: “{IA['1.1.1'].levels[level + 1]}”" in text
    assert "Bukti: belum ada yang tertaut." in text


def test_at_the_highest_level_nothing_is_made_up_about_what_is_missing():
    assert "Yang belum: tidak ada yang dicatat." in draft([known(level=4)], WORDS)


def test_without_anything_it_says_so_plainly_and_nothing_else():
    assert draft([Known("1.1.1", "Nama")], WORDS) == f"1.1.1 Nama\n{NOTHING}"


def test_a_level_without_a_note_does_not_pretend_to_have_one():
    assert "Catatan sekolah: belum ada." in draft([known(level=2)], WORDS)


def test_what_does_not_apply_is_said_with_its_reason():
    text = draft([Known("1.4.4", "Nama", Reply(IA["1.4.4"], None, "Tidak ada kekhasan"))], WORDS)
    assert "Tidak berlaku di sekolah: Tidak ada kekhasan." in text
    assert "Yang belum" not in text


def test_descriptions_are_never_shown_as_official():
    text = draft([known(level=3)], WORDS)
    assert "instrumen IA2024 versi 2025.1" in text
    assert "disusun sendiri untuk penilaian diri, bukan rumusan resmi" in text
    assert "Sumber uraian" not in draft([Known("1.1.1", "Nama")], WORDS)


def test_a_description_that_is_not_verified_is_named():
    smk = next(spec for spec in the_library().instruments if spec.instrument == "ia-2024").asked("SMK")
    item = next(item for item in smk.values() if item.status == "unverified")
    assert f"Uraian {item.code} belum terverifikasi." in draft(
        [Known(item.code, "Nama", Reply(item, Rubric(2)))], WORDS
    )


@pytest.mark.parametrize(("count", "of"), [(10, 10), (12, 10), (0, 0)])
def test_a_count_at_the_highest_level_or_of_nothing_misses_nothing(count, of):
    text = draft([Known("1.1.1", "Nama", None, (Reply(of_kind("ratio"), Ratio(count, of)),))], WORDS)
    assert "Yang belum: tidak ada yang dicatat." in text


def test_answers_of_the_self_evaluation_are_named_as_such_and_each_says_what_is_missing():
    ratio, checklist, yesno, rubric = (of_kind(kind) for kind in ("ratio", "checklist", "yesno", "rubric"))
    replies = (
        Reply(ratio, Ratio(8, 10), note="Dari daftar hadir"),
        Reply(checklist, Checklist(frozenset({checklist.points[0].code}))),
        Reply(yesno, YesNo(False)),
        Reply(rubric, Rubric(2)),
    )
    text = draft([Known("1.1.1", "Nama", None, replies, (), ("9.9.9.a",))], WORDS)
    assert "Belum ada jawaban langsung." in text
    assert f"- EDS {ratio.code}: “{ratio.question}” 8 dari 10" in text
    assert f"- EDS {ratio.code}: 2 dari 10 {ratio.ratio.unit}." in text.partition("Yang belum:")[2]
    assert "Catatan sekolah: Dari daftar hadir." in text
    assert f"- EDS {checklist.code}: {'; '.join(point.text for point in checklist.points[1:])}." in text
    assert f"- EDS {yesno.code}: jawaban atas “{yesno.question}” adalah tidak." in text
    assert rubric.levels[2] in text
    assert f"- EDS {rubric.code}: level 3 belum dinyatakan tercapai" in text
    assert "pertanyaan EDS 9.9.9.a belum dijawab." in text
    assert "menilai diri" not in text


def test_proof_is_named_by_title_kind_and_date_and_by_where_it_came_from():
    proofs = (
        Proof("A", "Jurnal guru", "Dokumen", date(2026, 5, 3)),
        Proof("B", "Foto kelas", "Foto", None, via=("5.1.6.a",)),
    )
    text = draft([known(proofs=proofs)], WORDS)
    assert "Bukti: “Jurnal guru” (dokumen, 3 Mei 2026); “Foto kelas” (foto, tanpa tanggal, pada EDS 5.1.6.a)." in text


def test_confidential_proof_and_proof_that_the_review_returned_are_not_named():
    secret = Proof("A", "Rapor murid X", "Dokumen", date(2026, 5, 3), confidential=True)
    returned = Proof("B", "Foto buram", "Foto", None, returned=True)
    text = draft([known(proofs=(secret, returned))], WORDS)
    assert "Rapor murid X" not in text
    assert "Foto buram" not in text
    assert "Bukti: belum ada yang dapat disebut di sini." in text


TEXTS = st.text(max_size=80)


@given(st.lists(st.tuples(st.none() | st.integers(1, 4), TEXTS, TEXTS, st.booleans()), max_size=5))
def test_no_draft_holds_control_signs_and_every_indikator_stands_in_it(rows):
    groups = [
        known(level=level, note=note, proofs=(Proof("A", f"judul-{title}", "Foto", None, confidential=secret),))
        for level, note, title, secret in rows
    ]
    text = draft(groups, WORDS)
    assert text.count("1.1.1 Nama") == len(rows)
    assert all(sign == "\n" or ord(sign) >= 32 for sign in text)
    assert text.count("“judul-") == sum(not secret for *_, secret in rows)


def test_the_mark_changes_with_every_fact_and_with_nothing_else():
    proof = Proof("A", "Judul", "Foto", None)
    one = [known(note="Catatan", proofs=(proof,))]
    assert mark_of(one) == mark_of([known(note="Catatan", proofs=(proof,))])
    others = [
        [known(note="Catatan lain", proofs=(proof,))],
        [known(level=2, note="Catatan", proofs=(proof,))],
        [known(note="Catatan")],
        [known(note="Catatan", proofs=(Proof("A", "Judul lain", "Foto", None),))],
        [known(note="Catatan", proofs=(Proof("A", "Judul", "Foto", date(2026, 1, 1)),))],
        [known(level=None, proofs=(proof,))],
    ]
    marks = {mark_of(other) for other in others}
    assert len(marks) == len(others)
    assert mark_of(one) not in marks


def test_words_and_signs_are_counted_with_line_breaks_as_one_sign():
    assert counts("") == (0, 0)
    assert counts("satu  dua\ntiga") == (3, 14)


# --- the file ---------------------------------------------------------------------------------------

FRONT = Front("Deskripsi Kinerja Asesi", "SD Uji", (("NPSN", "20999901"),), "Draf sekolah.")


def opened(data: bytes):
    return docx.Document(io.BytesIO(data))


def test_a_docx_opens_again_with_the_same_text_below_headings():
    text = "1.1.1 Nama\nYang dilakukan: A.\n- satu hal\n\nBaris lain"
    part = Part("Komponen 1. K", "Butir 1.1. B", "Disimpan.", text, frozenset({"1.1.1 Nama"}))
    again = Part("Komponen 1. K", "Butir 1.2. C", "Belum.", "Isi dua")
    found = [(p.style.name, p.text) for p in opened(write_docx(FRONT, [part, again])).paragraphs if p.text.strip()]
    assert found == [
        ("Title", "Deskripsi Kinerja Asesi"),
        ("Normal", "SD Uji"),
        ("Normal", "NPSN: 20999901"),
        ("Normal", "Draf sekolah."),
        ("Heading 1", "Komponen 1. K"),
        ("Heading 2", "Butir 1.1. B"),
        ("Normal", "Disimpan."),
        ("Heading 3", "1.1.1 Nama"),
        ("Normal", "Yang dilakukan: A."),
        ("List Bullet", "satu hal"),
        ("Normal", "Baris lain"),
        ("Heading 2", "Butir 1.2. C"),
        ("Normal", "Belum."),
        ("Normal", "Isi dua"),
    ]


def test_the_same_content_gives_the_same_bytes():
    part = Part("K", "B", "S", "Isi")
    assert write_docx(FRONT, [part]) == write_docx(FRONT, [part])
    assert write_docx(FRONT, [part]) != write_docx(FRONT, [Part("K", "B", "S", "Isi lain")])


def test_hostile_text_is_plain_text_in_a_docx():
    front = Front("J", HOSTILE, (("NPSN", HOSTILE),), HOSTILE)
    document = opened(write_docx(front, [Part(HOSTILE, HOSTILE, HOSTILE, f"{HOSTILE}\n{HOSTILE}")]))
    text = "\n".join(p.text for p in document.paragraphs)
    assert text.count("<script>alert(1)</script>") == 8
    assert text.count("x" * 5000) == 8
    assert all(sign in "\n\t" or ord(sign) >= 32 for sign in text)


@given(st.text(max_size=300))
def test_any_text_makes_a_docx_that_opens(text):
    opened(write_docx(FRONT, [Part("K", "B", "S", text)]))


# --- what is known ------------------------------------------------------------------------------------


@pytest.fixture
def place():
    return SispenaPlace()


def gathered(place: SispenaPlace) -> dict[str, Known]:
    return sispena.gather_known(place.evaluation, place.scheme).by_item


@pytest.mark.django_db
def test_a_direct_answer_takes_the_place_of_the_self_evaluation(place):
    place.say("5.1.6.a", 2, note="dari EDS", direct=False)
    before = gathered(place)["1.1.1"]
    assert before.direct is None
    assert [(reply.item.code, reply.note) for reply in before.replies] == [("5.1.6.a", "dari EDS")]
    assert set(before.missing) == {"5.1.8.a", "3.2.11.a"}
    place.say("1.1.1", 3, note="langsung")
    after = gathered(place)["1.1.1"]
    assert (after.direct.note, after.direct.value) == ("langsung", Rubric(3))
    assert after.replies == after.missing == ()


@pytest.mark.django_db
def test_what_does_not_apply_keeps_its_reason_in_words(place):
    place.does_not_apply("1.4.4")
    direct = gathered(place)["1.4.4"].direct
    assert direct.value is None
    assert direct.reason == IA["1.4.4"].na[0].text


@pytest.mark.django_db
def test_proof_of_an_indikator_is_that_of_its_answer_and_of_the_questions_that_lead_there(place):
    place.prove("1.1.1", "Langsung", dated=date(2026, 5, 1))
    link = place.prove("5.1.6.a", "Lewat EDS", direct=False, dated=date(2026, 6, 1))
    place.prove("1.2.1", "Bukan ini")
    proofs = gathered(place)["1.1.1"].proofs
    assert [(proof.title, proof.via) for proof in proofs] == [("Lewat EDS", ("5.1.6.a",)), ("Langsung", ())]
    EvidenceLink.objects.filter(pk=link.pk).update(state=LinkState.RETURNED, reason="buram", decided_at=link.created_at)
    assert gathered(place)["1.1.1"].proofs[0].returned


@pytest.mark.django_db
def test_proof_on_both_sides_is_named_once_as_direct(place):
    link = place.prove("1.1.1", "Satu bukti")
    section = place.part("5.1.6.a", direct=False)
    EvidenceLink.objects.create(
        section=section, item_code="5.1.6.a", revision=link.revision, created_by=place.teacher,
        created_at=link.created_at,
    )  # fmt: skip
    assert [(proof.title, proof.via) for proof in gathered(place)["1.1.1"].proofs] == [("Satu bukti", ())]


@pytest.mark.django_db
def test_confidential_titles_never_reach_a_draft(place):
    place.say("1.1.1", 3, note="terbuka")
    place.prove("1.1.1", "RAHASIA-LANGSUNG", confidential=True)
    place.prove("5.1.6.a", "RAHASIA-EDS", direct=False, confidential=True)
    place.prove("5.1.6.a", "Terbuka", direct=False)
    knowledge = sispena.gather_known(place.evaluation, place.scheme)
    text = draft(knowledge.of_group(place.scheme.layouts["SD"], "1.1"), knowledge.words)
    assert "RAHASIA" not in text
    assert "Terbuka" in text
    assert sum(proof.confidential for proof in knowledge.by_item["1.1.1"].proofs) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 12])
def test_gathering_takes_the_same_queries_for_any_number_of_answers_and_proof(django_assert_num_queries, place, rows):
    for number in range(rows):
        place.prove("1.1.1", f"Bukti {number}", seed=number + 1)
    for code in list(place.beside.asked)[:rows]:
        place.say(code)
    with django_assert_num_queries(4):  # IA2024 of the year, answers, links, confidential titles
        gathered(place)


@pytest.mark.django_db
def test_a_form_that_the_scheme_does_not_know_has_no_butir():
    slb = Place(edition="2026.1", form="SLB")
    assert sispena.gather_known(slb.evaluation, the_schemes()["ia-2024"]).by_item == {}


@pytest.mark.django_db
def test_the_longest_notes_of_all_questions_still_make_a_text_that_can_be_saved(place):
    walk_codes = {reply for one in gathered(place).values() for reply in one.missing if one.code.startswith("1.3.")}
    for code in walk_codes:
        place.say(code, 2, note="n" * 2000, direct=False)
    knowledge = sispena.gather_known(place.evaluation, place.scheme)
    text = draft(knowledge.of_group(place.scheme.layouts["SD"], "1.3"), knowledge.words)
    assert text.count("n" * 2000) >= 15
    assert len(text) < sispena.TEXT_LIMIT


# --- the saved text -----------------------------------------------------------------------------------


def save(place: SispenaPlace, text: str = "Naskah", *, group: str = "1.1", version: int = 0, **more):
    more = {"actor": place.team, "basis": "a" * 64} | more
    return sispena.save_text(place.evaluation, place.scheme, group, text, version=version, **more)


@pytest.mark.django_db
def test_saving_keeps_text_version_and_history(place):
    save(place, " Satu\r\nbaris\x00 ")
    row = save(place, "Dua", version=1, actor=place.operator)
    assert (row.text, row.version, row.updated_by) == ("Dua", 2, place.operator)
    events = AuditEvent.objects.about(row)
    assert [(event.action, event.actor) for event in events] == [
        ("sispena.text_saved", place.team), ("sispena.text_saved", place.operator),
    ]  # fmt: skip
    assert events[1].before == {"text": "Satu\nbaris", "version": 1}


@pytest.mark.django_db
def test_the_same_text_again_changes_nothing_even_with_an_old_version(place):
    save(place)
    assert save(place).version == 1
    assert AuditEvent.objects.filter(action="sispena.text_saved").count() == 1


@pytest.mark.django_db
def test_an_old_version_is_a_conflict_that_shows_what_stands_there(place):
    save(place, "Milik orang lain")
    with pytest.raises(sispena.TextConflict) as caught:
        save(place, "Milik saya")
    assert caught.value.current.text == "Milik orang lain"
    assert PerformanceText.objects.get().text == "Milik orang lain"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("group", "text"), [("9.9", "Naskah"), ("1.1", "  \n"), ("1.1", "x" * (sispena.TEXT_LIMIT + 1))]
)
def test_an_unknown_butir_an_empty_and_an_endless_text_are_refused(place, group, text):
    with pytest.raises(DomainError):
        save(place, text, group=group)
    assert not PerformanceText.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.FOUNDATION, Role.GUEST_REVIEWER, Role.SUPERVISOR])
def test_who_may_not_write_writes_neither_texts_nor_documents(place, role):
    evidence, person = place.keep("Kurikulum"), person_at(place.school, role)
    doings = (
        lambda: save(place, actor=person),
        lambda: link(place, evidence.code, actor=person),
        lambda: upload(place, actor=person),
        lambda: sispena.unlink_document(place.cycle, place.scheme, "kurikulum", evidence.code, actor=person),
    )
    for doing in doings:
        with pytest.raises(PermissionDenied):
            doing()
    assert not PerformanceText.objects.exists()
    assert not CompulsoryUpload.objects.exists()


# --- the documents ------------------------------------------------------------------------------------


def link(place: SispenaPlace, named: str, document: str = "kurikulum", **more):
    more = {"actor": place.operator} | more
    return sispena.link_document(place.cycle, place.scheme, document, named, **more)


def upload(place: SispenaPlace, document: str = "kurikulum", **more):
    more = {"actor": place.operator, "name": "kurikulum.pdf", "data": uploads.pdf(seed=9)} | more
    return sispena.upload_document(place.cycle, place.scheme, document, **more)


@pytest.mark.django_db
def test_evidence_of_the_school_serves_by_code_or_whole_title(place):
    evidence = place.keep("Kurikulum 2026")
    assert link(place, evidence.code.lower()).evidence == evidence
    assert link(place, "kurikulum  2026", "kalender").evidence == evidence
    assert link(place, evidence.code) == CompulsoryUpload.objects.get(document="kurikulum")
    assert AuditEvent.objects.filter(action="sispena.document_linked").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("named", ["", "tidak ada", "\x00"])
def test_evidence_that_is_not_there_is_refused(place, named):
    place.keep("Kurikulum")
    with pytest.raises(DomainError, match="tidak ditemukan"):
        link(place, named)


@pytest.mark.django_db
def test_evidence_of_another_school_is_not_found(place):
    foreign = SispenaPlace().keep("Milik sekolah lain")
    with pytest.raises(DomainError, match="tidak ditemukan"):
        link(place, foreign.code)


@pytest.mark.django_db
def test_a_document_that_nobody_asked_for_is_refused(place):
    with pytest.raises(DomainError, match="tidak diminta"):
        link(place, place.keep("Apa saja").code, "lainnya")
    with pytest.raises(DomainError, match="tidak diminta"):
        upload(place, "lainnya")


@pytest.mark.django_db
def test_a_new_file_becomes_evidence_of_the_school_with_a_title_that_says_what_it_is(place):
    row = upload(place, dated=date(2026, 7, 1))
    assert (row.evidence.title, row.evidence.dated) == ("Kurikulum satuan pendidikan 2026/2027", date(2026, 7, 1))
    assert row.evidence.school == place.school
    assert not EvidenceLink.objects.exists()


@pytest.mark.django_db
def test_a_file_sent_twice_is_kept_once_and_may_only_become_more_confidential(place):
    first = upload(place)
    assert upload(place, confidential=True) == first
    assert upload(place) == first
    assert Evidence.objects.get().confidential


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{"data": uploads.EXE}, {"data": b""}, {"kind": "VIDEO"}, {"name": "a.exe"}])
def test_a_bad_file_or_kind_is_refused_and_leaves_nothing(place, more):
    with pytest.raises(DomainError):
        upload(place, **more)
    assert not Evidence.objects.exists()


@pytest.mark.django_db
def test_taking_evidence_off_a_document_leaves_the_evidence(place):
    row = upload(place)
    sispena.unlink_document(place.cycle, place.scheme, "kurikulum", row.evidence.code, actor=place.team)
    assert not CompulsoryUpload.objects.exists()
    assert Evidence.objects.exists()
    assert AuditEvent.objects.filter(action="sispena.document_unlinked").exists()
    with pytest.raises(StateError):
        sispena.unlink_document(place.cycle, place.scheme, "kurikulum", row.evidence.code, actor=place.team)


@pytest.mark.django_db
def test_a_document_knows_its_newest_file_and_which_one_a_review_accepted(place):
    proof = place.prove("1.4.1", "Kurikulum", seed=1)
    evidence = proof.revision.evidence
    link(place, evidence.code)
    assert [(one.number, one.accepted) for one in sispena.uploads_of(place.cycle, place.scheme)] == [(1, None)]
    EvidenceLink.objects.filter(pk=proof.pk).update(state=LinkState.ACCEPTED, decided_at=proof.created_at)
    assert [(one.number, one.accepted) for one in sispena.uploads_of(place.cycle, place.scheme)] == [(1, 1)]
    newer = place.prove("1.4.2", "Kurikulum", seed=2, replaces=evidence.code)
    found = sispena.uploads_of(place.cycle, place.scheme)
    assert [(one.code, one.number, one.accepted) for one in found] == [(newer.revision.code, 2, 1)]


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 8])
def test_documents_take_one_query_for_any_number(django_assert_num_queries, place, rows):
    for number in range(rows):
        upload(place, title=f"Kurikulum {number}")
    with django_assert_num_queries(1):
        found = sispena.uploads_of(place.cycle, place.scheme)
        assert [(one.upload.evidence.title, str(one.upload.linked_by)) for one in found]
    assert len(found) == rows
