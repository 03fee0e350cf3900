"""An office's jurisdiction: as a condition on rows and as a question about one school, always the same."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from schools.choices import EducationForm, Naungan
from schools.models import Office, School
from tests.factories import OfficeFactory, RegionFactory, SchoolFactory

# Codes that are prefixes of each other as text, and some that are not inside each other in spite of that.
CODES = ("33", "33.0", "33.01", "33.01.02", "33.01.0", "33.02", "3", "34")

pytestmark = pytest.mark.django_db


@pytest.fixture
def regions():
    return {code: RegionFactory(code=code, name=code) for code in CODES}


@pytest.fixture
def schools(regions):
    for code in CODES:
        for form, naungan in (("SD", "KEMENDIKDASMEN"), ("SMK", "KEMENDIKDASMEN"), ("MI", "KEMENAG")):
            SchoolFactory(region=regions[code], form=form, naungan=naungan)


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.sets(st.sampled_from(CODES)),
    forms=st.sets(st.sampled_from(EducationForm.values)),
    naungan=st.sets(st.sampled_from(Naungan.values)),
)
def test_the_condition_and_the_question_agree(regions, schools, places, forms, naungan):
    office = OfficeFactory(forms=sorted(forms), naungan=sorted(naungan))
    office.regions.set([regions[code] for code in places])
    office = Office.objects.prefetch_related("regions").get(pk=office.pk)
    everywhere = School.objects.select_related("region")
    asked = {school.pk for school in everywhere if office.covers(school)}
    assert asked == set(School.objects.filter(office.jurisdiction()).values_list("pk", flat=True))


def test_an_office_without_region_covers_nothing(schools):
    office = OfficeFactory()
    assert not School.objects.filter(office.jurisdiction()).exists()


def test_a_regency_does_not_cover_a_region_whose_code_only_begins_alike(regions):
    office = OfficeFactory()
    office.regions.add(regions["33.01"])
    assert office.covers(SchoolFactory(region=regions["33.01.02"]))
    assert not office.covers(SchoolFactory(region=regions["33.0"]))
