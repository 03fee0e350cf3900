"""Publishing, retiring and discarding a version of an own instrument, each after a page that says what it does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.errors import DomainError, require
from evaluations.services import workshop
from evaluations.workshop_presentation import PublishView, VersionView, version_or_404
from schools.requests import SignedInRequest, login_required
from standards import versions
from standards.permissions import can_edit_draft, can_publish, can_retire

page_of_two = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@login_required
@page_of_two
def publish(request: SignedInRequest, key: str, version: str) -> HttpResponse:
    found = version_or_404(request.user, key, version)
    require(can_publish(request.user, found))
    error, status = "", 200
    if request.method == "POST":
        try:
            workshop.publish(found.pk, seen=request.POST.get("seen", ""), actor=request.user)
        except DomainError as problem:
            error, status = problem.message, problem.status
            found = version_or_404(request.user, key, version)
        else:
            messages.success(request, f"Versi {version} sudah terbit dan tidak berubah lagi.")
            return redirect(VersionView(request.user, found).url("version"))
    view = PublishView(request.user, found)
    difference = view.difference(request.GET.get("bentuk", ""))
    context = {"view": view, "difference": difference, "error": error}
    return render(request, "workshop/publish.html", context, status=status)


@never_cache
@login_required
@page_of_two
def retire(request: SignedInRequest, key: str, version: str) -> HttpResponse:
    found = version_or_404(request.user, key, version)
    require(can_retire(request.user, found))
    view = PublishView(request.user, found)
    if request.method == "POST":
        versions.retire(found.pk, actor=request.user)
        messages.success(request, f"Versi {version} ditarik. Yang sedang mengisinya dapat menyelesaikannya.")
        return redirect(view.url("version"))
    return render(request, "workshop/retire.html", {"view": view})


@never_cache
@login_required
@page_of_two
def discard(request: SignedInRequest, key: str, version: str) -> HttpResponse:
    found = version_or_404(request.user, key, version)
    require(can_edit_draft(request.user, found))
    view = VersionView(request.user, found)
    if request.method == "POST":
        versions.discard_draft(found.pk, actor=request.user)
        messages.success(request, f"Draf “{found.title}” versi {version} dibuang.")
        return redirect("evaluations:workshop")
    return render(request, "workshop/discard.html", {"view": view})
