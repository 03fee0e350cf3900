"""Who may write, publish and retire an instrument of a school or an office.

National instruments belong to nobody here: they come from the data files.
"""

from __future__ import annotations

from common.decisions import ALLOWED, Decision, not_now, refuse
from schools.choices import Role
from schools.models import Office, School, User
from standards.models import InstrumentVersion


def can_keep_instruments(user: User, owner: School | Office | None) -> Decision:
    """Write own instruments for *owner*: the quality team of a school, the people of an office."""
    if owner is None:
        return refuse("Instrumen nasional hanya berubah melalui berkas data aplikasi.")
    if isinstance(owner, School):
        if Role.QUALITY_TEAM in user.roles_at(owner):
            return ALLOWED
        return refuse(f"Instrumen {owner.words.school} disusun oleh tim mutunya.")
    if user.is_active and any(a.office_id == owner.pk for a in user.held()):
        return ALLOWED
    return refuse(f"Instrumen ini hanya disusun oleh petugas {owner}.")


def owners_kept_by(user: User) -> list[School | Office]:
    """For whom *user* may write own instruments today, offices after schools, by name; no query beyond the roles."""
    owners: dict[tuple[bool, int], School | Office] = {}
    for held in user.held():
        owner = held.school or held.office
        if owner is not None and can_keep_instruments(user, owner):
            owners[isinstance(owner, Office), owner.pk] = owner
    return [owner for _, owner in sorted(owners.items(), key=lambda pair: (pair[0][0], pair[1].name, pair[0][1]))]


def can_edit_draft(user: User, version: InstrumentVersion) -> Decision:
    if not (decision := can_keep_instruments(user, version.owner)):
        return decision
    if version.status != InstrumentVersion.Status.DRAFT:
        return not_now("Versi yang sudah terbit tidak dapat diubah. Buatlah versi baru untuk memperbaikinya.")
    return ALLOWED


def can_publish(user: User, version: InstrumentVersion) -> Decision:
    if not (decision := can_keep_instruments(user, version.owner)):
        return decision
    if version.status != InstrumentVersion.Status.DRAFT:
        return not_now("Versi ini sudah pernah diterbitkan.")
    return ALLOWED


def can_retire(user: User, version: InstrumentVersion) -> Decision:
    if not (decision := can_keep_instruments(user, version.owner)):
        return decision
    if version.status == InstrumentVersion.Status.DRAFT:
        return not_now("Versi ini masih draf; draf dibuang, bukan ditarik.")
    if version.status == InstrumentVersion.Status.RETIRED:
        return not_now("Versi ini sudah ditarik.")
    return ALLOWED
