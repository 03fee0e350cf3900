"""Proof: stored once, linked to items, replaced by revisions, and never lost for what was submitted."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage

from common.append_only import AppendOnlyError
from common.errors import DomainError, StateError
from evaluations import files
from evaluations.models import Evidence, EvidenceLink, EvidenceRevision, LinkState, StoredFile
from evaluations.services import evidence, reviews, submissions
from schools.choices import Role
from schools.models import AuditEvent
from tests.evaluations import uploads
from tests.factories import Place, person_at

pytestmark = pytest.mark.django_db

ITEM, OTHER = "8.3.1.a", "8.3.3.a"
PDF, SECOND_PDF = uploads.pdf(seed=1), uploads.pdf(seed=2)


@pytest.fixture
def place() -> Place:
    return Place()


def add(place: Place, data: bytes = PDF, *, item: str = ITEM, **kwargs) -> EvidenceLink:
    given = {"name": "rapat guru.pdf", "data": data, "actor": place.teacher, **kwargs}
    return evidence.add_evidence(place.section().pk, item, **given)


def actions(place: Place) -> list[str]:
    found = AuditEvent.objects.about(place.section()).filter(action__startswith="evidence.")
    return [event.action for event in found]


# --- adding -------------------------------------------------------------------------------------------


def test_a_file_becomes_evidence_with_one_revision_and_a_waiting_link(place):
    link = add(place, title="  Notulen   rapat ", kind="MINUTES", dated=date(2026, 8, 3), confidential=True)
    proof = link.revision.evidence
    assert (proof.title, proof.kind, proof.dated, proof.confidential) == (
        "Notulen rapat",
        "MINUTES",
        date(2026, 8, 3),
        True,
    )
    assert (link.state, link.item_code, link.revision.number) == (LinkState.WAITING, ITEM, 1)
    assert (link.revision.original_name, link.revision.uploaded_by) == ("rapat guru.pdf", place.teacher)
    assert actions(place) == ["evidence.linked"]


def test_the_file_stands_under_school_and_hash_never_under_its_name(place):
    link = add(place, name="../../etc/passwd.pdf")
    stored = link.revision.file
    digest = files.digest(PDF)
    assert stored.path == f"{place.school.pk}/{digest[:2]}/{digest}"
    assert (stored.size, stored.content_type) == (len(PDF), files.PDF)
    with files.open_stored(stored.path) as file:
        assert file.read() == PDF
    assert link.revision.original_name == "passwd.pdf"


@pytest.mark.parametrize(
    ("name", "stored", "title"),
    [
        ("\u202efdp.laporan.pdf", "fdp.laporan.pdf", "fdp.laporan"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf", "x" * 146),
        ("a\x00b.pdf", "ab.pdf", "ab"),
        ("C:\\Dokumen\\rapat.pdf", "rapat.pdf", "rapat"),
    ],
)
def test_strange_names_become_plain_ones_and_the_title_when_none_is_given(place, name, stored, title):
    link = add(place, name=name)
    assert (link.revision.original_name, link.revision.evidence.title) == (stored, title)


def test_a_title_is_cut_to_what_fits_and_freed_from_signs_that_cannot_be_stored(place):
    assert Evidence.objects.get(pk=add(place, title="a\x00" + "b" * 300).revision.evidence_id).title == "a" + "b" * 149


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": b""}, "kosong"),
        ({"data": uploads.EXE}, "tidak sesuai"),
        ({"name": "tanpa-ekstensi"}, "Bukti dukung berupa"),
        ({"name": "a.docx", "data": uploads.office(extra={"word/vbaProject.bin": b"x"})}, "makro"),
        ({"item": "7.1.1.a"}, "Pilih pertanyaan"),
        ({"item": "9.9.9.z"}, "Pilih pertanyaan"),
        ({"kind": "RAHASIA"}, "Pilih jenis bukti"),
        ({"dated": date(2026, 8, 3), "valid_until": date(2026, 8, 2)}, "berakhir sebelum"),
        ({"replaces": "TIDAKADA"}, "tidak ditemukan"),
    ],
)
def test_bad_input_is_refused_and_leaves_no_row(place, change, message):
    with pytest.raises(DomainError, match=message):
        add(place, **change)
    assert not EvidenceLink.objects.exists()
    assert not Evidence.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_file_over_the_limit_is_refused_with_both_sizes(place, settings):
    settings.UPLOAD_LIMIT = 1024
    with pytest.raises(DomainError, match=r"paling besar 1 KB"):
        add(place)


# --- the same again -----------------------------------------------------------------------------------


def test_a_double_click_makes_one_piece_of_evidence(place):
    assert add(place) == add(place)
    assert (Evidence.objects.count(), EvidenceRevision.objects.count(), StoredFile.objects.count()) == (1, 1, 1)
    assert actions(place) == ["evidence.linked"]


def test_the_same_bytes_for_another_item_are_stored_once(place):
    add(place)
    add(place, item=OTHER)
    assert (Evidence.objects.count(), StoredFile.objects.count()) == (2, 1)


def test_two_schools_keep_the_same_bytes_apart(place):
    other = Place()
    one, two = add(place).revision.file, add(other).revision.file
    assert one.sha256 == two.sha256
    assert one.path != two.path
    assert default_storage.exists(one.path)
    assert default_storage.exists(two.path)


# --- revisions ----------------------------------------------------------------------------------------


def returned(place: Place) -> EvidenceLink:
    """A link that was accepted once, in a section that is open again."""
    place.fill()
    link = add(place)
    place.submit()
    place.open()
    reviews.review_link(place.section().pk, ITEM, link.revision.code, accept=True, actor=place.team)
    reviews.review_item(place.section().pk, ITEM, "RETURNED", actor=place.team, reason="Lengkapi.")
    reviews.return_section(place.section().pk, actor=place.team)
    return EvidenceLink.objects.get(pk=link.pk)


def test_a_new_revision_waits_for_review_again_and_takes_the_place_of_the_old_one(place):
    old = returned(place)
    assert old.state == LinkState.ACCEPTED
    new = add(place, SECOND_PDF, replaces=old.revision.evidence.code)
    assert (new.state, new.revision.number, new.revision.evidence_id) == (
        LinkState.WAITING,
        2,
        old.revision.evidence_id,
    )
    assert list(place.section().links.all()) == [new]
    event = AuditEvent.objects.about(place.section()).get(action="evidence.unlinked")
    assert event.before == {"item": ITEM, "revision": old.revision.code, "state": "ACCEPTED", "reason": ""}
    assert EvidenceRevision.objects.filter(pk=old.revision_id).exists()


def test_a_new_revision_can_add_to_what_is_said_about_the_evidence(place):
    first = add(place, title="Notulen", kind="MINUTES", dated=date(2026, 8, 3))
    code = first.revision.evidence.code
    add(place, SECOND_PDF, replaces=code, kind="PHOTO")
    proof = Evidence.objects.get()
    assert (proof.title, proof.kind, proof.dated, proof.confidential) == (
        "Notulen", "MINUTES", date(2026, 8, 3), False,
    )  # fmt: skip
    add(place, uploads.pdf(seed=3), replaces=code, title="Notulen rapat", dated=date(2026, 8, 4), confidential=True)
    proof.refresh_from_db()
    assert (proof.title, proof.dated, proof.confidential) == ("Notulen rapat", date(2026, 8, 4), True)
    event = AuditEvent.objects.about(proof).get()
    assert (event.action, event.before["confidential"], event.after["confidential"]) == (
        "evidence.described", "False", "True",
    )  # fmt: skip
    add(place, uploads.pdf(seed=4), replaces=code)
    proof.refresh_from_db()
    assert proof.confidential, "what is confidential never becomes open by the way"


def test_a_validity_that_ends_before_the_evidence_date_is_refused_for_a_revision_too(place):
    first = add(place, dated=date(2026, 8, 3))
    with pytest.raises(DomainError, match="berakhir sebelum"):
        add(place, SECOND_PDF, replaces=first.revision.evidence.code, valid_until=date(2026, 8, 1))
    assert EvidenceRevision.objects.count() == 1


def test_the_same_upload_again_with_confidential_makes_it_confidential(place):
    link = add(place)
    assert add(place, confidential=True) == link
    assert Evidence.objects.get().confidential
    add(place)
    assert Evidence.objects.get().confidential


def test_evidence_is_found_by_its_whole_title_when_only_one_bears_it(place):
    first = add(place, title="Notulen rapat")
    link = evidence.link_evidence(place.section().pk, OTHER, "notulen RAPAT", actor=place.teacher)
    assert link.revision == first.revision
    add(place, SECOND_PDF, title="Notulen rapat")
    with pytest.raises(DomainError, match="beberapa bukti berjudul"):
        evidence.link_evidence(place.section().pk, "8.1.1.a", "Notulen rapat", actor=place.teacher)


def test_the_same_bytes_as_a_new_revision_are_the_old_revision_with_its_decision(place):
    old = returned(place)
    again = add(place, PDF, replaces=old.revision.evidence.code)
    assert (again, again.state) == (old, LinkState.ACCEPTED)
    assert EvidenceRevision.objects.count() == 1


def test_a_revision_of_another_school_cannot_be_replaced_or_used(place):
    foreign = add(Place()).revision.evidence
    with pytest.raises(DomainError, match="tidak ditemukan di sekolah ini"):
        add(place, SECOND_PDF, replaces=foreign.code)
    with pytest.raises(DomainError, match="tidak ditemukan di sekolah ini"):
        evidence.link_evidence(place.section().pk, ITEM, foreign.code, actor=place.teacher)


def test_revisions_never_change(place):
    revision = add(place).revision
    revision.original_name = "lain.pdf"
    with pytest.raises(AppendOnlyError):
        revision.save()
    with pytest.raises(AppendOnlyError):
        revision.delete()


# --- linking and unlinking ----------------------------------------------------------------------------


def test_evidence_of_the_school_proves_one_more_item_with_its_newest_revision(place):
    first = add(place)
    newest = add(place, SECOND_PDF, replaces=first.revision.evidence.code)
    link = evidence.link_evidence(place.section().pk, OTHER, first.revision.evidence.code, actor=place.teacher)
    assert (link.item_code, link.revision, link.state) == (OTHER, newest.revision, LinkState.WAITING)
    again = evidence.link_evidence(place.section().pk, OTHER, first.revision.evidence.code, actor=place.teacher)
    assert again == link


def test_an_unlinked_file_stays_and_so_does_what_was_submitted(place):
    link = returned(place)
    submission = place.section().submissions.get()
    evidence.unlink_evidence(place.section().pk, ITEM, link.revision.code, actor=place.teacher)
    assert not place.section().links.exists()
    assert submission.content["items"][ITEM]["evidence"][0]["revision"] == link.revision.code
    assert submissions.check_submission(submission) == []
    with pytest.raises(StateError, match="sudah tidak tertaut"):
        evidence.unlink_evidence(place.section().pk, ITEM, link.revision.code, actor=place.teacher)


def test_a_link_made_again_waits_for_review_again(place):
    link = returned(place)
    code = link.revision.evidence.code
    evidence.unlink_evidence(place.section().pk, ITEM, link.revision.code, actor=place.teacher)
    again = evidence.link_evidence(place.section().pk, ITEM, code, actor=place.teacher)
    assert again.state == LinkState.WAITING


# --- people and states --------------------------------------------------------------------------------


def test_an_operator_may_attach_proof_in_the_own_name(place):
    assert add(place, actor=place.operator).created_by == place.operator


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PRINCIPAL, Role.CONTRIBUTOR, Role.OPERATOR, Role.OFFICE}))
def test_other_roles_do_not_attach_link_or_unlink(place, role):
    person = person_at(place.school, role)
    link = add(place)
    section = place.section().pk
    with pytest.raises(PermissionDenied):
        add(place, SECOND_PDF, actor=person)
    with pytest.raises(PermissionDenied):
        evidence.link_evidence(section, OTHER, link.revision.evidence.code, actor=person)
    with pytest.raises(PermissionDenied):
        evidence.unlink_evidence(section, ITEM, link.revision.code, actor=person)
    assert list(place.section().links.all()) == [link]


def test_a_refusal_comes_before_the_file_is_looked_at_or_written(place):
    with pytest.raises(PermissionDenied):
        add(place, uploads.EXE, actor=place.team)
    with pytest.raises(PermissionDenied):
        add(place, PDF, actor=place.team)
    assert not default_storage.exists(StoredFile(school=place.school, sha256=files.digest(PDF)).path)


def test_a_submitted_section_takes_no_evidence_and_gives_none_back(place):
    place.fill()
    link = add(place)
    place.submit()
    with pytest.raises(StateError, match="Diajukan"):
        add(place, SECOND_PDF)
    with pytest.raises(StateError, match="Diajukan"):
        evidence.unlink_evidence(place.section().pk, ITEM, link.revision.code, actor=place.teacher)
    assert list(place.section().links.all()) == [link]
