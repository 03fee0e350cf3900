"""Accounts and basic data for the administrator. No content of a school is reachable here."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.forms import CheckboxSelectMultiple, DateField, ModelForm, MultipleChoiceField, RegexField

from common import clock
from common.errors import DomainError
from schools import services
from schools.choices import EducationForm, IdentifierKind, Naungan, SchoolStatus
from schools.models import NSM_PATTERN, Assignment, AuditEvent, Office, Region, School, SchoolIdentifier, User

admin.site.site_header = admin.site.site_title = "Administrasi SPMI"
admin.site.index_title = "Akun, sekolah, dan katalog"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # the throttled login page is the only one


class AssignmentInline(admin.TabularInline):
    model = Assignment
    fk_name = "person"
    extra = 0
    autocomplete_fields = ["school", "office"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ["username", "name", "email", "is_active", "is_staff"]
    search_fields = ["username", "name", "email"]
    ordering = ["username"]
    inlines = [AssignmentInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Orang", {"fields": ["name", "email", "nip"]}),
        ("Hak", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Waktu", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["username", "name", "email", "password1", "password2"]})]


class IdentifierInline(admin.TabularInline):
    """Every number that the school ever held; it grows by the fields NPSN and NSM above it."""

    model = SchoolIdentifier
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class SchoolForm(ModelForm):
    """Numbers and a merger go through the services, which keep the old addresses alive and write the history."""

    nsm = RegexField(
        NSM_PATTERN, label="NSM", required=False, help_text="12 angka, untuk madrasah",
        error_messages={"invalid": "NSM terdiri dari 12 angka."},
    )  # fmt: skip
    numbers_from = DateField(
        label="Nomor berlaku sejak", required=False, help_text="untuk NPSN atau NSM yang baru; kosong berarti hari ini"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            current = self.instance.identifiers.filter(kind=IdentifierKind.NSM, valid_to=None).first()
            self.initial["nsm"] = current.value if current else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        school = self.instance if self.instance.pk else None
        for field, kind in (("npsn", IdentifierKind.NPSN), ("nsm", IdentifierKind.NSM)):
            if field in self.changed_data and data.get(field):
                try:
                    services.require_free_number(kind, data[field], school)
                    if school and school.identifiers.filter(kind=kind, value=data[field], valid_to__isnull=False):
                        self.add_error(field, "Nomor ini pernah dipakai sekolah ini dan sudah berakhir.")
                except DomainError as error:
                    self.add_error(field, error.message)
        if "nsm" in self.changed_data and not data.get("nsm"):
            self.add_error("nsm", "Nomor yang sudah tercatat tidak dihapus; isilah nomor penggantinya.")
        successor, merged = data.get("successor"), data.get("status") == SchoolStatus.MERGED
        if merged != (successor is not None):
            self.add_error("successor", "Penerus diisi bila, dan hanya bila, keadaannya Digabung.")
        elif successor is not None and (successor == self.instance or successor.status != SchoolStatus.ACTIVE):
            self.add_error("successor", "Sekolah penerus harus sekolah lain yang masih aktif.")
        return data


@admin.register(School)
class SchoolAdmin(admin.ModelAdmin):
    form = SchoolForm
    list_display = ["npsn", "name", "form", "ownership", "naungan", "status"]
    list_filter = ["form", "ownership", "naungan", "status"]
    search_fields = ["npsn", "name"]
    autocomplete_fields = ["region", "successor"]
    inlines = [IdentifierInline]

    def save_model(self, request: Any, obj: School, form: SchoolForm, change: bool) -> None:
        since = form.cleaned_data["numbers_from"] or clock.today(obj.time_zone)
        nsm = form.cleaned_data["nsm"]
        if not change:
            services.register_school(obj, nsm=nsm, valid_from=since, actor=request.user)
            return
        before = School.objects.get(pk=obj.pk)
        npsn, status, successor = obj.npsn, obj.status, obj.successor
        merging = successor if (before.status, before.successor) != (status, successor) else None
        obj.npsn = before.npsn
        if merging:
            obj.status, obj.successor = before.status, before.successor
        super().save_model(request, obj, form, change)
        for field, kind, value in (("npsn", IdentifierKind.NPSN, npsn), ("nsm", IdentifierKind.NSM, nsm)):
            if field in form.changed_data:
                services.change_number(obj.pk, kind, value, valid_from=since, actor=request.user)
        if merging:
            services.merge_school(obj.pk, merging.pk, actor=request.user)
        obj.refresh_from_db()


class OfficeForm(ModelForm):
    """Lists of ticked values: a jurisdiction typed as free text would silently reach no school."""

    forms = MultipleChoiceField(
        label="Bentuk pendidikan", choices=EducationForm.choices, required=False,
        widget=CheckboxSelectMultiple, help_text="kosong berarti semua",
    )  # fmt: skip
    naungan = MultipleChoiceField(
        label="Naungan", choices=Naungan.choices, required=False,
        widget=CheckboxSelectMultiple, help_text="kosong berarti semua",
    )  # fmt: skip


@admin.register(Office)
class OfficeAdmin(admin.ModelAdmin):
    form = OfficeForm
    search_fields = ["name"]
    autocomplete_fields = ["regions"]


@admin.register(Region)
class RegionAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "level", "time_zone"]
    list_filter = ["level"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent"]


@admin.register(AuditEvent)
class AuditEventAdmin(admin.ModelAdmin):
    """Accounts' history only; events about a school's answers stay inside the school."""

    list_display = ["at", "actor", "action", "object_type", "object_id"]
    list_filter = ["action"]
    list_select_related = ["actor"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(object_type__startswith="schools.")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
