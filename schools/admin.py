"""Accounts and basic data for the administrator. No content of a school is reachable here."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from schools.models import Assignment, AuditEvent, Office, Region, School, SchoolIdentifier, User

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
    model = SchoolIdentifier
    extra = 0


@admin.register(School)
class SchoolAdmin(admin.ModelAdmin):
    list_display = ["npsn", "name", "form", "ownership", "naungan", "status"]
    list_filter = ["form", "ownership", "naungan", "status"]
    search_fields = ["npsn", "name"]
    autocomplete_fields = ["region", "successor"]
    inlines = [IdentifierInline]


@admin.register(Office)
class OfficeAdmin(admin.ModelAdmin):
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
