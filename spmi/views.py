"""The home page that picks a room by role, the health check, and what people see when something is wrong."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_safe

from common.formats import format_bytes
from schools.choices import Role
from schools.context import acting_for
from schools.requests import SignedInRequest, login_required

TOO_MUCH = {
    RequestDataTooBig: "Teks yang dikirim sekaligus terlalu panjang, lebih dari "
    f"{format_bytes(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)}. Ringkaskan, lalu kirim lagi.",
    TooManyFilesSent: f"Berkas yang dikirim sekaligus lebih dari {settings.DATA_UPLOAD_MAX_NUMBER_FILES}. "
    "Bagi menjadi beberapa kali unggah.",
    TooManyFieldsSent: "Isian yang dikirim sekaligus terlalu banyak. Kirim sebagian demi sebagian.",
}


@login_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    acting = acting_for(request).current
    if acting is None:
        if request.user.is_staff:
            return redirect("admin:index")
        return render(request, "spmi/no_assignment.html", status=200)
    current = acting.assignment
    if current.role == Role.SUPERVISOR:
        return redirect("reports:supervisor")
    if current.school is None:
        return redirect("reports:office")
    return redirect("evaluations:school", current.school.npsn)


@never_cache
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, for supervisors of processes and load balancers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever is wrong, the answer is "not healthy"
        return JsonResponse({"status": "database"}, status=503)
    return JsonResponse({"status": "ok"})


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 with the limit that was passed when somebody sent too much at once."""
    reason = next((text for kind, text in TOO_MUCH.items() if isinstance(exception, kind)), "")
    return render(request, "400.html", {"reason": reason}, status=413 if reason else 400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"reason": str(exception)}, status=403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", {"reason": getattr(exception, "reason", "")}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "Halaman ini sudah terlalu lama terbuka. Muat ulang halaman, lalu kirim sekali lagi."
    return render(request, "403.html", {"reason": message}, status=403)
