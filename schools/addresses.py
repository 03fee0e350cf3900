"""From the NPSN in an address to the school, for people who may know it."""

from __future__ import annotations

import re

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from schools.models import NPSN_PATTERN, School, User


class NotFound(Http404):
    """A 404 with a message for people."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


def school_or_404(user: User | AnonymousUser, npsn: str) -> School:
    """The school that holds or ever held this NPSN. Raises NotFound when there is none that *user* may know."""
    if not re.match(NPSN_PATTERN, npsn):
        raise NotFound(f"“{npsn[:20]}” bukan NPSN. NPSN terdiri dari 8 tanda, misalnya 20999901.")
    school = School.objects.visible_to(user).by_number(npsn).select_related("region").first()
    if school is None:
        raise NotFound("Sekolah ini tidak ada, atau di luar tugas Anda.")
    return school


def moved_to(request: HttpRequest, school: School, npsn: str) -> HttpResponse | None:
    """A redirect to the same page under the school's present NPSN, when the address carries a former one."""
    if school.npsn == npsn or request.method not in {"GET", "HEAD"}:
        return None
    return redirect(request.get_full_path().replace(f"/sekolah/{npsn}/", f"/sekolah/{school.npsn}/", 1))
