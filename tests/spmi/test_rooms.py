"""The house: no table points to a higher room; templates compile and never print what is not there."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.template import engines
from django.test.utils import isolate_apps

from reports.models import AnnualReport
from schools.models import School

# From the lowest room to the highest (docs/architecture.md).
ROOMS = ("common", "schools", "standards", "evaluations", "accreditation", "reports", "spmi")
TEMPLATES = Path(settings.BASE_DIR) / "templates"


def upward_relations(tables: Iterable[type[models.Model]]) -> list[str]:
    """Relations of our tables that point to a room above their own; tables of libraries count as below."""
    found = []
    for table in tables:
        room = table._meta.app_label
        if room not in ROOMS:
            continue
        own = [*table._meta.get_fields(include_hidden=True)]
        for field in (f for f in own if f.is_relation and not f.auto_created and f.related_model):
            target = field.related_model._meta.app_label
            if target in ROOMS and ROOMS.index(target) > ROOMS.index(room):
                found.append(f"{table._meta.label}.{field.name} -> {field.related_model._meta.label}")
    return found


def test_no_table_points_to_a_higher_room():
    assert upward_relations(apps.get_models(include_auto_created=True)) == []


def test_every_room_is_known_to_this_test():
    own = {config.label for config in apps.get_app_configs() if Path(config.path).parent == Path(settings.BASE_DIR)}
    assert own == set(ROOMS)


@isolate_apps("schools", "reports")
def test_a_relation_upwards_would_be_found():
    class Favourite(models.Model):
        report = models.ForeignKey(AnnualReport, models.CASCADE, related_name="+")
        school = models.ForeignKey(School, models.CASCADE, related_name="+")

        class Meta:
            app_label = "schools"

        def __str__(self):
            return "favourite"

    assert upward_relations([Favourite]) == ["schools.Favourite.report -> reports.AnnualReport"]


@pytest.mark.parametrize("name", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*")))
def test_every_template_compiles(name):
    engines["django"].get_template(name)


def test_a_variable_that_does_not_exist_fails_a_test():
    template = engines["django"].from_string("{% if person %}{{ person.nickname }}{% endif %}")
    assert template.render({}) == ""
    with pytest.raises(pytest.fail.Exception, match=r"person\.nickname"):
        template.render({"person": School(name="SD Uji")})
