"""What every page with figures says about them, and what none ever says."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from accreditation.place import Place as SchemePlace
from accreditation.services.readiness import the_bodies, the_schemes
from tests.factories import Place

SCHEMES = the_schemes()
SPOKEN = ("*.html", "*.py", "*.yaml", "*.md", "*.js")
ROOMS = (
    "accreditation",
    "evaluations",
    "reports",
    "spmi",
    "standards",
    "schools",
    "common",
    "templates",
    "static",
    "docs",
)


def stated(page: str, key: str) -> bool:
    """Scheme, version, source, and who decides."""
    spec = SCHEMES[key].spec
    body = the_bodies()[0].name
    return all(
        text in page
        for text in (f"skema {key} versi {spec.version}", spec.basis, f"Keputusan akreditasi ada pada {body}")
    )


@pytest.mark.django_db
@pytest.mark.pages
@pytest.mark.parametrize("key", SCHEMES)
def test_every_page_of_a_school_states_scheme_version_source_and_who_decides(client, key):
    place = Place(edition="2026.1", scope="inti")
    client.force_login(place.team)
    tabs = SchemePlace(place.team, place.evaluation, SCHEMES[key]).tabs
    assert {"readiness", "gaps", "what_if", "path"} <= {tab.name for tab in tabs}
    for tab in tabs:
        assert stated(client.get(tab.url).content.decode(), key), tab.name


@pytest.mark.django_db
@pytest.mark.pages
@pytest.mark.parametrize("key", SCHEMES)
def test_the_calculator_states_it_before_and_after_the_calculation(client, key):
    url = reverse("accreditation:calculate", args=[key, "SD"])
    for response in (client.get(url), client.post(url, {})):
        assert stated(response.content.decode(), key)


def test_nothing_is_called_a_prediction():
    root = Path(settings.BASE_DIR)
    for room in ROOMS:
        for kind in SPOKEN:
            for path in (root / room).rglob(kind):
                if "vendor" not in path.parts:
                    assert "prediksi" not in path.read_text(encoding="utf-8").casefold(), path
