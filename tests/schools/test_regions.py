"""Administrative areas and their time zones."""

import pytest

from schools.choices import RegionLevel
from schools.models import Region
from schools.regions import load_regions, time_zone_of


@pytest.mark.django_db
def test_loading_twice_writes_once():
    assert load_regions() > 7000
    assert load_regions() == 0
    assert Region.objects.filter(level=RegionLevel.PROVINCE).count() == 38
    assert not Region.objects.exclude(level=RegionLevel.PROVINCE).filter(parent=None).exists()


@pytest.mark.django_db
def test_names_are_spelled_as_people_write_them():
    load_regions()
    names = dict(Region.objects.values_list("code", "name"))
    assert names["31"] == "DKI Jakarta"
    assert names["33.22"] == "Kabupaten Semarang"
    written = set(names.values())
    assert {"Kabupaten Pangkajene dan Kepulauan", "IV Jurai", "O'o'u", "Na IX - X", "Kota Semarang"} <= written
    assert not [name for name in written if "Dan " in name or "Dki" in name]


@pytest.mark.django_db
def test_loading_corrects_a_changed_row_and_keeps_its_identity():
    load_regions()
    region = Region.objects.get(code="33.22")
    name = region.name
    Region.objects.filter(pk=region.pk).update(name="Salah", time_zone="Asia/Jayapura")
    assert load_regions() == 1
    region.refresh_from_db()
    assert (region.name, region.time_zone) == (name, "Asia/Jakarta")


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("11", "Asia/Jakarta"),
        ("36.71", "Asia/Jakarta"),
        ("61.01.02", "Asia/Jakarta"),
        ("62", "Asia/Jakarta"),
        ("51.03", "Asia/Makassar"),
        ("53", "Asia/Makassar"),
        ("63", "Asia/Makassar"),
        ("65", "Asia/Makassar"),
        ("71", "Asia/Makassar"),
        ("76", "Asia/Makassar"),
        ("81", "Asia/Jayapura"),
        ("91.01", "Asia/Jayapura"),
        ("96", "Asia/Jayapura"),
    ],
)
def test_the_zone_follows_the_province(code, zone):
    assert time_zone_of(code) == zone


@pytest.mark.parametrize("code", ["10", "37", "54", "66", "77", "97"])
def test_a_province_without_zone_is_named(code):
    with pytest.raises(ValueError, match=code):
        time_zone_of(code)
