"""All addresses. Indonesian words, NPSN, years and codes; never a database key."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import RedirectView

from spmi import views

# Django's generic views take PUT for POST, and redirects take everything; here every other method is 405.
page = require_http_methods(["GET", "HEAD", "POST"])

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("masuk/", page(account.login), name="account_login"),
    path("keluar/", page(account.logout), name="account_logout"),
    path("daftar/", page(account.signup), name="account_signup"),
    path("akun/sandi/", page(account.password_change), name="account_change_password"),
    # Schools' accounts often have no mailbox: a forgotten password is reset with a printed one-time code.
    path("masuk/lupa/", require_safe(RedirectView.as_view(pattern_name="redeem_code")), name="account_reset_password"),
    path(
        "akun/sandi/baru/",
        require_safe(RedirectView.as_view(pattern_name="account_change_password")),
        name="account_set_password",
    ),
    path("", include("schools.urls")),
    path("katalog/", include("standards.urls")),
    path("", include("evaluations.urls")),
    path("", include("accreditation.urls")),
    path("", include("reports.urls")),
    path("admin/", admin.site.urls),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.not_found
handler500 = views.server_error
