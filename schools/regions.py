"""Loading the administrative areas; idempotent."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from common.locks import one_at_a_time
from schools.choices import RegionLevel
from schools.models import Region

REGIONS_DIR = Path(__file__).parent / "data" / "regions"

_SPELLED = {"DKI": "DKI", "DAN": "dan"}
_WITA = {*range(51, 54), *range(63, 66), *range(71, 77)}


def time_zone_of(code: str) -> str:
    """Zone of a region code by its province: WIB 11-36, 61, 62; WITA 51-53, 63-65, 71-76; WIT 81-96.

    Raises ValueError for a province outside these ranges.
    """
    province = int(code[:2])
    if 11 <= province <= 36 or province in {61, 62}:
        return "Asia/Jakarta"
    if province in _WITA:
        return "Asia/Makassar"
    if 81 <= province <= 96:
        return "Asia/Jayapura"
    raise ValueError(f"provinsi {code[:2]} tidak punya zona waktu")


def display_name(name: str) -> str:
    """``KABUPATEN PANGKAJENE DAN KEPULAUAN`` as people write it.

    For the files of provinces and regencies, all in capitals; district names stand as they should be read
    (``IV Jurai``, ``O'o'u``).
    """
    return " ".join(_SPELLED.get(word, word.title()) for word in name.split())


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (REGIONS_DIR / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _load(level: RegionLevel, file: str, parent_column: str | None) -> int:
    known = {r.code: r for r in Region.objects.filter(level=level)}
    parents = dict(Region.objects.values_list("code", "pk")) if parent_column else {}
    new, changed = [], []
    for row in _rows(file):
        parent_id = parents[row[parent_column]] if parent_column else None
        name = row["name"] if level == RegionLevel.DISTRICT else display_name(row["name"])
        values = {"name": name, "parent_id": parent_id, "time_zone": time_zone_of(row["code"])}
        region = known.get(row["code"])
        if region is None:
            new.append(Region(code=row["code"], level=level, **values))
        elif any(getattr(region, field) != value for field, value in values.items()):
            for field, value in values.items():
                setattr(region, field, value)
            changed.append(region)
    Region.objects.bulk_create(new, batch_size=500)
    Region.objects.bulk_update(changed, ["name", "parent", "time_zone"], batch_size=500)
    return len(new) + len(changed)


@transaction.atomic
def load_regions() -> int:
    """Insert or correct all provinces, regencies and districts; returns how many rows were written."""
    one_at_a_time("schools.load_regions")
    return (
        _load(RegionLevel.PROVINCE, "provinces.csv", None)
        + _load(RegionLevel.REGENCY, "regencies.csv", "province_code")
        + _load(RegionLevel.DISTRICT, "districts.csv", "regency_code")
    )
