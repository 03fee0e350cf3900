"""Who may see and do what about readiness, as questions that answer allowed, or refused with a reason.

The matrix that people read is docs/permissions.md.
"""

from __future__ import annotations

from common.decisions import ALLOWED, Decision, refuse
from evaluations.models import Evaluation
from evaluations.permissions import can_read_drafts, can_read_profile
from schools.choices import Role
from schools.models import School, User

_LEADS = frozenset({Role.PRINCIPAL, Role.QUALITY_TEAM})


def can_read_readiness(user: User, evaluation: Evaluation, *, submitted: bool) -> Decision:
    """The figures, like the quality profile of the year's national *evaluation*: the school always, supervisors and
    guests once anything was submitted."""
    if can_read_profile(user, evaluation, submitted=submitted):
        return ALLOWED
    words = evaluation.school.words
    if user.roles_at(evaluation.school) & {Role.SUPERVISOR, Role.GUEST_REVIEWER}:
        return refuse(
            f"Kesiapan akreditasi dapat Anda baca setelah {words.school} mengajukan "
            f"{evaluation.spec.labels.standard} pertamanya."
        )
    return refuse(f"Kesiapan akreditasi hanya dibaca oleh {words.school} dan pengawasnya.")


def can_read_entries(user: User, school: School) -> Decision:
    """What the school entered beside its answers; nobody reviews it, so it stays inside the school."""
    if can_read_drafts(user, school):
        return ALLOWED
    return refuse(f"Isian kesiapan akreditasi hanya dibaca di dalam {school.words.school}.")


def can_enter(user: User, school: School) -> Decision:
    """Enter what no instrument here asks: letters of the 2017 instrument, IPR and IPM, own thresholds."""
    if user.roles_at(school) & _LEADS:
        return ALLOWED
    return refuse(f"Isian kesiapan akreditasi diubah oleh {school.words.principal.lower()} atau tim mutunya.")


def can_try(user: User, school: School) -> Decision:
    """Simulation and the shortest way to a target stay inside the school."""
    if can_read_drafts(user, school):
        return ALLOWED
    return refuse(f"Simulasi dan jalan terpendek hanya dipakai di dalam {school.words.school}.")


def can_keep_scenarios(user: User, school: School) -> Decision:
    """Save, rename and delete scenarios."""
    if user.roles_at(school) & _LEADS:
        return ALLOWED
    return refuse(f"Skenario disimpan oleh {school.words.principal.lower()} atau tim mutunya.")


def can_read_sispena(user: User, school: School) -> Decision:
    """Drafts and uploads for Sispena, before the school hands them in."""
    if can_read_drafts(user, school):
        return ALLOWED
    return refuse(f"Bahan untuk Sispena hanya dibaca di dalam {school.words.school}.")


def can_write_sispena(user: User, school: School) -> Decision:
    """Write the descriptions of performance and choose the compulsory uploads."""
    if user.roles_at(school) & (_LEADS | {Role.CONTRIBUTOR, Role.OPERATOR}):
        return ALLOWED
    return refuse(f"Bahan untuk Sispena disusun oleh {school.words.principal.lower()}, tim mutu, guru, atau operator.")
