"""Filters of the lists of many schools. They never change anything and travel in the address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from reports.lists import SORTS, Stage
from schools.academic_year import AcademicYear
from schools.choices import EducationForm
from schools.models import Region


class SchoolFilter(forms.Form):
    """What every list of schools can be narrowed by; an unknown value counts as not given."""

    tahun = forms.ChoiceField(label="Tahun pelajaran", required=False)
    q = forms.CharField(label="Nama atau NPSN", required=False, max_length=100)
    keadaan = forms.ChoiceField(label="Keadaan", required=False, choices=[("", "Semua"), *Stage.choices])
    urut = forms.ChoiceField(
        label="Urutkan", required=False, choices=[(key, label) for key, (label, _) in SORTS.items()]
    )

    def __init__(self, *args: Any, years: Iterable[AcademicYear], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tahun"].choices = [(str(year.start), str(year)) for year in years]  # type: ignore[attr-defined]
        for field in self.fields.values():
            chooses = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if chooses else "form-control"

    def value(self, name: str) -> str:
        """The cleaned value, "" where it is missing or wrong."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")


class OfficeFilter(SchoolFilter):
    bentuk = forms.ChoiceField(
        label="Bentuk pendidikan", required=False, choices=[("", "Semua"), *EducationForm.choices]
    )
    wilayah = forms.ChoiceField(label="Wilayah", required=False)

    def __init__(self, *args: Any, regions: Iterable[Region], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Semua"), *((region.code, region.name) for region in regions)]
        self.fields["wilayah"].choices = choices  # type: ignore[attr-defined]
