"""Who may do what with an evaluation, as questions that answer allowed, or refused with a reason.

The same predicates serve services (refuse), templates (hide and say why) and tests. The matrix that people read
is docs/permissions.md.
"""

from __future__ import annotations

from common.decisions import ALLOWED, Decision, not_now, refuse
from evaluations.models import DecisionState, Evaluation, EvidenceLink, Section, SectionState, TargetDecision
from schools.choices import SCHOOL_ROLES, Role
from schools.models import School, User
from standards.items import ItemSpec

_ANSWERERS = frozenset({Role.PRINCIPAL, Role.CONTRIBUTOR})
_REVIEWERS = frozenset({Role.QUALITY_TEAM, Role.GUEST_REVIEWER})
# A guest reviewer comes from a neighbour school: what is confidential and what was never submitted stays inside.
_INSIDE = frozenset(SCHOOL_ROLES) - {Role.GUEST_REVIEWER}
_AFTER_SUBMISSION = frozenset({Role.SUPERVISOR, Role.GUEST_REVIEWER})


def can_start_cycle(user: User, school: School) -> Decision:
    if user.roles_at(school) & {Role.PRINCIPAL, Role.QUALITY_TEAM}:
        return ALLOWED
    return refuse(f"Siklus mutu dimulai oleh {school.words.principal.lower()} atau tim mutunya.")


def can_open_instrument(user: User, school: School) -> Decision:
    """Answer another instrument in the same year, beside the national one."""
    if user.roles_at(school) & {Role.PRINCIPAL, Role.QUALITY_TEAM}:
        return ALLOWED
    return refuse(f"Instrumen tambahan dibuka oleh {school.words.principal.lower()} atau tim mutunya.")


def can_change_scope(user: User, evaluation: Evaluation) -> Decision:
    """Ask more or fewer questions of the version, until the approval."""
    if not user.roles_at(evaluation.school) & {Role.PRINCIPAL, Role.QUALITY_TEAM}:
        return refuse(f"Cakupan dipilih oleh {evaluation.school.words.principal.lower()} atau tim mutunya.")
    if evaluation.is_approved:
        return not_now("Evaluasi ini sudah disahkan; cakupannya tidak berubah lagi.")
    return ALLOWED


def can_edit_stages(user: User, school: School) -> Decision:
    if user.roles_at(school) & {Role.PRINCIPAL, Role.QUALITY_TEAM}:
        return ALLOWED
    return refuse(f"Jadwal tahap diatur oleh {school.words.principal.lower()} atau tim mutunya.")


def can_see_progress(user: User, school: School) -> Decision:
    """Progress per standard: everybody who may know the school."""
    return ALLOWED if user.roles_at(school) else refuse("Sekolah ini di luar tugas Anda.")


def can_read_section(user: User, section: Section) -> Decision:
    """Answers and evidence: the school always, supervisors and guests after the first submission, offices never."""
    roles = user.roles_at(section.evaluation.school)
    if roles & _INSIDE:
        return ALLOWED
    if roles & _AFTER_SUBMISSION:
        if section.round:
            return ALLOWED
        return refuse(f"Isi {section.label} ini dapat Anda baca setelah diajukan untuk pertama kali.")
    return refuse(f"Isi evaluasi diri hanya dibaca oleh {section.evaluation.school.words.school} dan pengawasnya.")


def can_read_drafts(user: User, school: School) -> Decision:
    """Answers of standards that were never submitted stay inside the school, in every figure too."""
    if user.roles_at(school) & _INSIDE:
        return ALLOWED
    return refuse(f"Isi standar yang belum diajukan hanya dibaca oleh {school.words.school}.")


def can_read_profile(user: User, evaluation: Evaluation, *, submitted: bool) -> Decision:
    """The quality profile: the school always, supervisors and guests once any standard was submitted."""
    roles = user.roles_at(evaluation.school)
    if roles & _INSIDE:
        return ALLOWED
    if roles & _AFTER_SUBMISSION:
        if submitted:
            return ALLOWED
        return refuse(f"Profil mutu dapat Anda baca setelah {evaluation.spec.labels.standard} pertama diajukan.")
    words = evaluation.school.words
    return refuse(f"Profil rinci hanya dibaca oleh {words.school} dan pengawasnya; ringkasannya ada di halaman dinas.")


def can_read_confidential(user: User, school: School) -> Decision:
    """Evidence marked confidential stays inside the school."""
    if user.roles_at(school) & _INSIDE:
        return ALLOWED
    return refuse(f"Bukti ini ditandai rahasia dan tetap di dalam {school.words.school}.")


def can_read_evidence(user: User, school: School, *, confidential: bool, submitted: bool) -> Decision:
    """A file of proof: the school always; supervisors and guests once it was submitted, never what is confidential."""
    roles = user.roles_at(school)
    if roles & _INSIDE:
        return ALLOWED
    if not roles & _AFTER_SUBMISSION:
        return refuse(f"Bukti dukung hanya dibaca oleh {school.words.school} dan pengawasnya.")
    if confidential:
        return can_read_confidential(user, school)
    if submitted:
        return ALLOWED
    return refuse("Bukti ini dapat Anda baca setelah diajukan.")


def _open(section: Section) -> Decision:
    if section.evaluation.is_approved:
        return not_now("Evaluasi ini sudah disahkan dan tidak berubah lagi.")
    if not section.is_open:
        state, label = section.get_state_display(), section.label.capitalize()
        return not_now(f"{label} ini sedang berstatus “{state}”; isinya tidak dapat diubah sekarang.")
    return ALLOWED


def may_fill(user: User, section: Section) -> Decision:
    """Whether the role alone allows answering; the state is another question."""
    roles = user.roles_at(section.evaluation.school)
    if roles & (_ANSWERERS | {Role.OPERATOR}):
        return ALLOWED
    return refuse(f"Pertanyaan diisi oleh guru, tendik, atau kepala {section.evaluation.school.words.school} ini.")


def can_answer(user: User, section: Section, *, on_behalf_of: User | None = None) -> Decision:
    """Answer and attach evidence. The operator types for a named person and never answers in the own name."""
    if not (decision := may_fill(user, section)):
        return decision
    if not (decision := _open(section)):
        return decision
    school = section.evaluation.school
    if on_behalf_of is None or on_behalf_of.pk == user.pk:
        if user.roles_at(school) & _ANSWERERS:
            return ALLOWED
        return refuse("Operator mengetikkan jawaban orang lain: pilih dahulu nama yang menjawab.")
    if Role.OPERATOR not in user.roles_at(school):
        return refuse("Hanya operator yang mengetikkan jawaban atas nama orang lain.")
    if on_behalf_of.roles_at(school) & _ANSWERERS:
        return ALLOWED
    return refuse(f"Orang yang dipilih bukan guru, tendik, atau kepala di {school.words.school} ini.")


def rates_another(person: User, school: School, item: ItemSpec) -> Decision:
    """Nobody rates himself: what asks about the head (``not_by``) is answered by others."""
    if "kepala" in item.not_by and Role.PRINCIPAL in person.roles_at(school):
        return refuse(
            "Pertanyaan ini menilai kepemimpinan kepala, jadi dijawab oleh guru atau tenaga kependidikan. Anda dapat "
            "membacanya dan melengkapi buktinya."
        )
    return ALLOWED


def can_answer_item(user: User, section: Section, item: ItemSpec, *, on_behalf_of: User | None = None) -> Decision:
    """Answer this question: :func:`can_answer`, and it is not about the person who answers."""
    if not (decision := can_answer(user, section, on_behalf_of=on_behalf_of)):
        return decision
    return rates_another(on_behalf_of or user, section.evaluation.school, item)


def can_attach(user: User, section: Section) -> Decision:
    """Upload, link and unlink evidence; an operator may do so in the own name, since proof is no answer."""
    return may_fill(user, section) and _open(section)


def may_submit(user: User, section: Section) -> Decision:
    if Role.PRINCIPAL in user.roles_at(section.evaluation.school):
        return ALLOWED
    return refuse(
        f"Hanya {section.evaluation.school.words.principal.lower()} yang mengajukan {section.label} untuk ditelaah."
    )


def can_submit(user: User, section: Section) -> Decision:
    """DRAFT or RETURNED -> SUBMITTED: the principal."""
    return may_submit(user, section) and _open(section)


def may_review(user: User, section: Section) -> Decision:
    if user.roles_at(section.evaluation.school) & _REVIEWERS:
        return ALLOWED
    return refuse("Telaah dilakukan oleh tim mutu atau penelaah tamu.")


def can_see_queue(user: User, school: School) -> Decision:
    """The review queue: whoever reviews, and the principal who follows it."""
    if user.roles_at(school) & (_REVIEWERS | {Role.PRINCIPAL}):
        return ALLOWED
    return refuse(f"Antrean telaah dibuka oleh tim mutu, penelaah tamu, dan {school.words.principal.lower()}.")


def can_open_review(user: User, section: Section) -> Decision:
    """SUBMITTED -> IN_REVIEW: the quality team."""
    if not (decision := _is_team(user, section)):
        return decision
    if section.state == SectionState.SUBMITTED:
        return ALLOWED
    return not_now(f"Telaah hanya dapat dimulai pada {section.label} yang baru diajukan.")


def _not_in_review(section: Section) -> Decision:
    state = section.get_state_display()
    return not_now(f"{section.label.capitalize()} ini berstatus “{state}”; telaahnya tidak sedang terbuka.")


def can_decide(user: User, section: Section) -> Decision:
    """Decide on items and evidence of a section in review."""
    if not (decision := may_review(user, section)):
        return decision
    if section.state == SectionState.IN_REVIEW:
        return ALLOWED
    if section.state == SectionState.SUBMITTED:
        return not_now("Tekan “Mulai telaah” dahulu.")
    return _not_in_review(section)


def can_decide_item(user: User, section: Section, *, answered_by: int | None, typed_by: int | None = None) -> Decision:
    """Nobody reviews what they answered; a typist is barred only where no answering person is named."""
    if not (decision := can_decide(user, section)):
        return decision
    if user.pk == (answered_by if answered_by is not None else typed_by):
        return refuse("Pertanyaan ini Anda jawab sendiri; mintalah anggota tim lain atau penelaah tamu menelaahnya.")
    return ALLOWED


def can_decide_link(user: User, section: Section, link: EvidenceLink) -> Decision:
    """Accept or return proof of an item that this person may decide on: not the own proof, not what is hidden."""
    inside = can_read_confidential(user, section.evaluation.school)
    if link.revision.evidence.confidential and not inside:
        return inside
    if user.pk in {link.created_by_id, link.revision.uploaded_by_id}:
        return refuse("Bukti ini Anda unggah atau tautkan sendiri; mintalah anggota tim lain memutuskannya.")
    return ALLOWED


def _is_team(user: User, section: Section) -> Decision:
    if Role.QUALITY_TEAM in user.roles_at(section.evaluation.school):
        return ALLOWED
    return refuse(f"Hanya tim mutu yang membuka, mengembalikan, dan memverifikasi {section.label}.")


def can_close_review(user: User, section: Section) -> Decision:
    """IN_REVIEW -> RETURNED or VERIFIED: the quality team."""
    if not (decision := _is_team(user, section)):
        return decision
    if section.state == SectionState.IN_REVIEW:
        return ALLOWED
    return _not_in_review(section)


def may_approve(user: User, evaluation: Evaluation) -> Decision:
    if Role.PRINCIPAL in user.roles_at(evaluation.school):
        return ALLOWED
    return refuse(f"Evaluasi disahkan oleh {evaluation.school.words.principal.lower()}.")


def can_approve(user: User, evaluation: Evaluation, *, states: list[str]) -> Decision:
    """All sections VERIFIED -> approved: the principal. *states* are those of the evaluation's sections."""
    if not (decision := may_approve(user, evaluation)):
        return decision
    if evaluation.is_approved:
        return not_now("Evaluasi ini sudah disahkan.")
    waiting = sum(state != SectionState.VERIFIED for state in states)
    if waiting or not states:
        label = evaluation.spec.labels.standard
        return not_now(f"Masih ada {waiting} {label} yang belum terverifikasi. Selesaikan telaahnya dahulu.")
    return ALLOWED


# --- targets of the year ----------------------------------------------------------------------------

_TARGETS_CLOSED = (
    "Evaluasi tahun ini sudah disahkan, jadi targetnya tidak berubah lagi. Tetapkan target tahun berikutnya."
)


def may_set_targets(user: User, school: School) -> Decision:
    """Whether the role alone allows setting targets; the state is another question."""
    if user.roles_at(school) & {Role.PRINCIPAL, Role.QUALITY_TEAM}:
        return ALLOWED
    return refuse(f"Target tahun ini disusun oleh tim mutu bersama {school.words.principal.lower()}.")


def can_read_targets(user: User, school: School, *, approved: bool) -> Decision:
    """Targets: the school always, supervisors and guests once they are approved, offices in summaries alone."""
    roles = user.roles_at(school)
    if roles & _INSIDE:
        return ALLOWED
    if not roles & _AFTER_SUBMISSION:
        return refuse(f"Rincian target hanya dibaca oleh {school.words.school} dan pengawasnya.")
    if approved:
        return ALLOWED
    return refuse(f"Target dapat Anda baca setelah disahkan {school.words.principal.lower()}.")


def can_edit_targets(user: User, evaluation: Evaluation, decision: TargetDecision | None) -> Decision:
    """Change targets and what is said about the meeting: until they are proposed, and again once returned."""
    if not (allowed := may_set_targets(user, evaluation.school)):
        return allowed
    if evaluation.is_approved:
        return not_now(_TARGETS_CLOSED)
    if decision is None or decision.is_open:
        return ALLOWED
    if decision.state == DecisionState.PROPOSED:
        return not_now(
            f"Target sudah diusulkan dan menunggu pengesahan {evaluation.school.words.principal.lower()}; "
            "isinya tidak dapat diubah sekarang."
        )
    return not_now("Target sudah disahkan. Buka putaran baru dahulu bila perlu diubah.")


def can_propose_targets(user: User, evaluation: Evaluation, decision: TargetDecision | None) -> Decision:
    """DRAFT or RETURNED -> PROPOSED: the quality team."""
    if Role.QUALITY_TEAM not in user.roles_at(evaluation.school):
        return refuse("Target diusulkan oleh tim mutu.")
    return can_edit_targets(user, evaluation, decision)


def may_approve_targets(user: User, school: School) -> Decision:
    if Role.PRINCIPAL in user.roles_at(school):
        return ALLOWED
    return refuse(f"Target disahkan atau dikembalikan oleh {school.words.principal.lower()}.")


def can_approve_targets(user: User, evaluation: Evaluation, decision: TargetDecision | None) -> Decision:
    """PROPOSED -> APPROVED: the principal."""
    if not (allowed := may_approve_targets(user, evaluation.school)):
        return allowed
    if decision is not None and decision.state == DecisionState.PROPOSED:
        return ALLOWED
    if decision is not None and decision.state == DecisionState.APPROVED:
        return not_now("Target ini sudah disahkan.")
    return not_now("Belum ada usulan target yang menunggu. Tim mutu mengusulkannya setelah rapat.")


def can_return_targets(user: User, evaluation: Evaluation, decision: TargetDecision | None) -> Decision:
    """PROPOSED -> RETURNED: the principal, while there is still something to be mended."""
    if not (allowed := can_approve_targets(user, evaluation, decision)):
        return allowed
    return not_now(_TARGETS_CLOSED) if evaluation.is_approved else ALLOWED


def can_revise_targets(user: User, evaluation: Evaluation, decision: TargetDecision | None) -> Decision:
    """A new round after an approval: quality team and principal; until then the approved targets hold."""
    if not (allowed := may_set_targets(user, evaluation.school)):
        return allowed
    if evaluation.is_approved:
        return not_now(_TARGETS_CLOSED)
    if decision is not None and decision.state == DecisionState.APPROVED:
        return ALLOWED
    return not_now("Putaran baru dibuka sesudah target disahkan; target yang sekarang masih dapat diubah.")
