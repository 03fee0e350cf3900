"""Who may keep a school's accounts and its data pokok."""

from __future__ import annotations

from common.decisions import ALLOWED, Decision, not_now, refuse
from schools.choices import SCHOOL_ROLES, Role, SchoolStatus
from schools.models import School, User


def can_see_accounts(user: User, school: School) -> Decision:
    """The head and the operator keep the school's accounts."""
    if user.roles_at(school) & {Role.PRINCIPAL, Role.OPERATOR}:
        return ALLOWED
    return refuse("Akun sekolah hanya diurus oleh kepala dan operator sekolah ini.")


def can_issue_code(user: User, school: School, target: User) -> Decision:
    """Print a one-time code for *target*.

    Whoever holds the code becomes the target, so nobody may issue one for a person with more power or with
    duties elsewhere: the head's own code and those of supervisors come from the administrator.
    """
    if not (decision := can_see_accounts(user, school)):
        return decision
    if target.pk == user.pk:
        return refuse("Untuk akun Anda sendiri, pakai menu Ganti kata sandi.")
    if not target.is_active:
        return refuse("Akun ini tidak aktif; administrator dapat mengaktifkannya lagi.")
    if not any(a.school_id == school.pk and a.role in SCHOOL_ROLES for a in target.held()):
        return refuse("Orang ini tidak bertugas di sekolah ini.")
    # Duties that are still to come count too: the code, or the password set with it, lives on until then.
    lasting = [a for a in target.appointments if a.valid_to is None or a.valid_to >= a.today]
    if target.is_staff or target.is_superuser or any(a.school_id != school.pk for a in lasting):
        return refuse("Orang ini juga bertugas di tempat lain; mintalah kode kepada administrator.")
    if any(a.role == Role.PRINCIPAL for a in lasting):
        return refuse("Kode untuk kepala sekolah hanya dibuat oleh administrator.")
    return ALLOWED


def can_read_basic_data(user: User, school: School) -> Decision:
    """The sheet of figures: everybody inside the school and its supervisors; guest reviewers come from outside."""
    inside = frozenset(SCHOOL_ROLES) - {Role.GUEST_REVIEWER}
    if user.roles_at(school) & (inside | {Role.SUPERVISOR}):
        return ALLOWED
    return refuse(f"Data pokok hanya dibaca oleh {school.words.school} dan pengawasnya.")


def can_edit_basic_data(user: User, school: School) -> Decision:
    """Operator, head and quality team, while the school is open."""
    if not user.roles_at(school) & {Role.OPERATOR, Role.PRINCIPAL, Role.QUALITY_TEAM}:
        return refuse(f"Data pokok diisi oleh operator, kepala, atau tim mutu {school.words.school} ini.")
    if school.status != SchoolStatus.ACTIVE:
        return not_now(f"{school} berstatus {school.get_status_display().lower()}; data pokoknya tidak diubah lagi.")
    return ALLOWED
