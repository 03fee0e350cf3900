"""Login and one-time codes."""

from allauth.account.forms import LoginForm as AllauthLoginForm
from crispy_forms.helper import FormHelper
from django import forms

STRENGTH_HELP = (
    "Sedikitnya 8 tanda, bukan angka saja, tidak mirip nama Anda, dan bukan kata sandi yang dipakai banyak orang."
)


class LoginForm(AllauthLoginForm):
    """allauth's form with our words; throttling and the check itself stay allauth's."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Nama pengguna atau surel"
        self.fields["login"].widget.attrs.update({"autocomplete": "username", "placeholder": ""})
        self.fields["password"].label = "Kata sandi"
        self.fields["password"].widget.attrs.update({"autocomplete": "current-password", "placeholder": ""})
        self.fields["password"].help_text = ""
        self.fields.pop("remember", None)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class RedeemCodeForm(forms.Form):
    username = forms.CharField(label="Nama pengguna atau surel", max_length=150)
    code = forms.CharField(label="Kode sekali pakai", max_length=30, help_text="Misalnya K7PB-93QD-XW4M")
    password = forms.CharField(
        label="Kata sandi baru",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    repeat = forms.CharField(
        label="Kata sandi baru, sekali lagi",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = STRENGTH_HELP
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean(self):
        data = super().clean() or {}
        if data.get("password") and data.get("repeat") and data["password"] != data["repeat"]:
            self.add_error("repeat", "Kedua kata sandi belum sama. Ketik ulang keduanya.")
        return data
