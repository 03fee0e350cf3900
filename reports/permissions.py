"""Who may ask for, list and download annual reports, and who follows many schools at once.

Questions without side effects that answer allowed, or refused with a reason. Reports exist only for approved
evaluations, so an office that may download one never sees unfinished work.
"""

from __future__ import annotations

from common.decisions import ALLOWED, Decision, not_now, refuse
from evaluations.models import Evaluation
from schools.choices import SCHOOL_ROLES, Role
from schools.models import School, User

_READERS = frozenset({*SCHOOL_ROLES, Role.SUPERVISOR, Role.OFFICE})


def may_request_report(user: User, school: School) -> Decision:
    """Whether the role alone allows asking; the state of the evaluation is another question."""
    if user.roles_at(school) & {Role.PRINCIPAL, Role.QUALITY_TEAM}:
        return ALLOWED
    words = school.words
    return refuse(f"Laporan tahunan diminta oleh {words.principal.lower()} atau tim mutu {words.school} ini.")


def can_request_report(user: User, evaluation: Evaluation) -> Decision:
    """Head or quality team, once the evaluation is approved: a report is about figures that no longer change."""
    if not (decision := may_request_report(user, evaluation.school)):
        return decision
    if not evaluation.is_approved:
        return not_now(
            "Laporan tahunan dibuat setelah evaluasi diri disahkan. Verifikasi semua standar, lalu sahkan dahulu."
        )
    return ALLOWED


def can_list(user: User, evaluation: Evaluation) -> Decision:
    """The page of a year's reports: the school, its supervisors, and offices whose jurisdiction covers it."""
    if user.roles_at(evaluation.school) & _READERS:
        return ALLOWED
    return refuse("Laporan sekolah ini di luar tugas Anda.")


def can_download(user: User, evaluation: Evaluation) -> Decision:
    """The same people as :func:`can_list`: whoever may know that a report exists may read it."""
    return can_list(user, evaluation)


def can_see_supervised(user: User) -> Decision:
    """The supervisor's list: somebody with a current appointment as supervisor."""
    if user.is_active and any(a.role == Role.SUPERVISOR for a in user.held()):
        return ALLOWED
    return refuse("Halaman ini untuk pengawas atau pendamping yang sedang bertugas.")


def can_see_office(user: User) -> Decision:
    """The office's overview: somebody who works at an office today."""
    if user.is_active and any(a.role == Role.OFFICE for a in user.held()):
        return ALLOWED
    return refuse("Halaman ini untuk petugas dinas, kantor Kementerian Agama, atau BPMP.")
