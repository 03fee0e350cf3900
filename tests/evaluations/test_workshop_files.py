"""Files of the workshop: shown first, stored when confirmed, refused with every problem."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from evaluations.services import workshop
from evaluations.views import workshop_files
from standards.exchange import template_yaml, to_xlsx, to_yaml
from tests.evaluations.workshop_steps import (
    codes,
    filled,
    fresh,
    get,
    post,
    text,
    url,
)
from tests.factories import Place, RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@pytest.fixture
def place():
    return Place(region=RegionFactory(code="33.01"))


@pytest.fixture
def draft(place):
    return filled(place.school, place.team)


def upload(client, place, version, name, content, mode="ganti"):
    data = {"mode": mode, "file": SimpleUploadedFile(name, content)}
    return post(client, place.team, url("_import", version), data)


def test_a_good_file_is_shown_first_and_stored_when_it_is_confirmed(client, place, draft):
    response = upload(client, place, draft, "a.yaml", template_yaml().encode())
    assert response.status_code == 200
    assert fresh(draft).sha256 == draft.sha256
    assert response.context["changes"][0].result.added
    data = {"mode": "ganti", "content": response.context["content"], "seen": draft.sha256}
    assert post(client, place.team, url("_import", draft), data).status_code == 302
    assert fresh(draft).title == "Standar tambahan sekolah kami"
    assert codes(draft) == ["7.2.s1", "8.2.1.s1", "7.2.s2", "7.2.s3"]


def test_a_workbook_that_was_downloaded_changes_nothing(client, place, draft):
    export = get(client, place.team, url("_export", draft, "xlsx"))
    assert export["Content-Disposition"].endswith(f'{draft.instrument}-{draft.version}.xlsx"')
    assert upload(client, place, draft, "a.xlsx", export.content).context["same"]
    assert upload(
        client, place, draft, "a.yaml", get(client, place.team, url("_export", draft, "yaml")).content
    ).context["same"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", b"[1"),
        ("a.txt", b"halo"),
        ("a.xlsx", b"PK"),
        ("a.yaml", template_yaml().replace("7.2", "9.9").encode()),
    ],
)
def test_a_broken_file_lists_its_problems_and_changes_nothing(client, place, draft, name, content):
    response = upload(client, place, draft, name, content)
    assert response.status_code == 422
    assert response.context["problems"]
    assert fresh(draft).sha256 == draft.sha256


def test_a_workbook_with_a_wrong_cell_names_sheet_row_and_column(client, place, draft, monkeypatch):
    broken = to_xlsx(draft.spec.model_copy(update={"version": "2026"}))
    response = upload(client, place, draft, "a.xlsx", broken)
    assert any(problem.startswith("Instrumen!B") for problem in response.context["problems"])


def test_no_file_or_one_beyond_the_limit_is_said_plainly(client, place, draft, settings):
    assert post(client, place.team, url("_import", draft), {"mode": "tambah"}).status_code == 422
    settings.UPLOAD_LIMIT = 10
    response = upload(client, place, draft, "a.yaml", template_yaml().encode())
    assert response.status_code == 422
    assert "10 byte" in text(response)


def test_a_file_too_large_to_be_confirmed_is_refused_at_once(client, place, draft, monkeypatch):
    content = to_xlsx(draft.spec)
    monkeypatch.setattr(workshop_files, "YAML_SIZE", 100)
    response = upload(client, place, draft, "a.xlsx", content)
    assert response.status_code == 422
    assert len(response.context["problems"]) == 1


def test_a_confirmed_file_on_an_old_draft_is_a_conflict(client, place, draft):
    content = to_yaml(draft.spec)
    workshop.delete_item(draft.pk, "8.2.1.s1", seen=draft.sha256, actor=place.team)
    data = {"mode": "ganti", "content": content, "seen": draft.sha256}
    assert post(client, place.team, url("_import", draft), data).status_code == 409
    assert len(codes(draft)) == 3


def test_templates_are_for_those_who_write(client, place):
    for kind in workshop_files.TYPES:
        assert get(client, place.team, url("_template", None, kind)).status_code == 200
        assert get(client, place.teacher, url("_template", None, kind)).status_code == 403
