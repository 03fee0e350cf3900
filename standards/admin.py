"""The catalogue for the administrator: to read. It is changed by new data files, not by hand."""

from django.contrib import admin

from standards.models import Indicator, InstrumentVersion, LegalBasis, Standard, Subindicator


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Standard, Indicator, Subindicator)
class CatalogueAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "status"]
    list_filter = ["status"]
    search_fields = ["code", "name"]


@admin.register(LegalBasis)
class LegalBasisAdmin(ReadOnlyAdmin):
    list_display = ["title", "subject", "status", "valid_from", "valid_to"]
    list_filter = ["status"]


@admin.register(InstrumentVersion)
class InstrumentVersionAdmin(ReadOnlyAdmin):
    list_display = ["instrument", "version", "status", "title"]

    def get_queryset(self, request):
        """An administrator keeps the catalogue and sees no school's content."""
        return InstrumentVersion.objects.national()
