"""How allauth fits here: accounts are made by the school, never by strangers."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        **dict.fromkeys(
            ("email_password_mismatch", "username_password_mismatch", "invalid_login"),
            "Nama pengguna atau surel tidak cocok dengan kata sandinya. Periksa ketikannya, lalu coba lagi; bila lupa, "
            "mintalah kode sekali pakai kepada kepala atau operator.",
        ),
        "enter_current_password": "Kata sandi lama yang Anda ketik tidak benar. Coba lagi.",
        "too_many_login_attempts": "Terlalu banyak percobaan. Tunggu lima menit, lalu coba lagi.",
        "rate_limited": "Terlalu banyak permintaan. Tunggu sebentar, lalu coba lagi.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponseRedirect:
        """Back to the login page with a message, instead of allauth's own page, which has no address here."""
        messages.error(
            request, "Akun ini sedang tidak aktif. Hubungi kepala atau operator sekolah, atau administrator dinas Anda."
        )
        return redirect("account_login")
