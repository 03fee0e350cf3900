"""Small tools that others rest on: canonical JSON, codes, decisions, errors, explanations, upload limit."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadhandler import SkipFile
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from common.append_only import AppendOnlyError
from common.canonical import canonical_json, sha256_text
from common.codes import ALPHABET, grouped_code, random_code
from common.decisions import ALLOWED, Decision, refuse
from common.errors import DomainError, StateError, require
from common.explanation import Explanation
from common.texts import clean_text
from common.uploads import LimitedUploadHandler
from schools.models import AuditEvent
from tests.factories import UserFactory

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(content=JSON_VALUES)
def test_canonical_json_has_one_spelling_per_content(content):
    text = canonical_json(content)
    assert json.loads(text) == content
    assert canonical_json(json.loads(text)) == text
    assert sha256_text(text) == hashlib.sha256(text.encode()).hexdigest()


def test_canonical_json_ignores_the_order_of_keys_and_keeps_signs_readable():
    assert canonical_json({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})


def test_canonical_json_refuses_what_has_no_exact_spelling():
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))
    with pytest.raises(TypeError):
        canonical_json({1, 2})


def test_codes_avoid_signs_that_look_alike():
    assert not set("01OILAEU") & set(ALPHABET)
    assert len({random_code() for _ in range(500)}) == 500
    code = grouped_code("TT")
    assert [len(part) for part in code.split("-")] == [2, 4, 4, 4]
    assert set(code.removeprefix("TT").replace("-", "")) <= set(ALPHABET)


def test_a_decision_is_true_when_allowed_and_carries_its_reason_when_refused():
    assert ALLOWED
    assert not refuse("Belum waktunya.")
    require(ALLOWED)
    with pytest.raises(PermissionDenied, match="Belum waktunya"):
        require(Decision(False, "Belum waktunya."))


def test_errors_of_the_field_know_their_status_and_fields():
    error = DomainError("Periksa.", fields={"note": "Terlalu panjang."})
    assert (error.status, error.message, error.fields) == (422, "Periksa.", {"note": "Terlalu panjang."})
    assert StateError("Sudah diajukan.").status == 409


def test_an_explanation_unfolds_in_reading_order():
    tree = Explanation(
        "a", "1", parts=(Explanation("b", "2", "x", "s", (Explanation("c", "3"),)), Explanation("d", "4"))
    )
    assert [(depth, part.title) for depth, part in tree.walk()] == [(0, "a"), (1, "b"), (2, "c"), (1, "d")]
    assert tree.as_dict() == {
        "title": "a",
        "value": "1",
        "parts": [
            {"title": "b", "value": "2", "formula": "x", "source": "s", "parts": [{"title": "c", "value": "3"}]},
            {"title": "d", "value": "4"},
        ],
    }


def test_an_upload_past_the_limit_is_skipped_and_its_name_noted(rf, settings):
    settings.UPLOAD_LIMIT = 10
    request = rf.post("/")
    handler = LimitedUploadHandler(request)
    handler.new_file("file", "besar.pdf", "application/pdf", None)
    assert handler.receive_data_chunk(b"12345", 0) == b"12345"
    assert handler.receive_data_chunk(b"67890", 5) == b"67890"
    with pytest.raises(SkipFile):
        handler.receive_data_chunk(b"1", 10)
    assert request.oversized_files == ["besar.pdf"]
    handler.new_file("file", "kecil.pdf", "application/pdf", None)
    assert handler.receive_data_chunk(b"12345", 0) == b"12345"
    assert handler.file_complete(5) is None


@pytest.mark.django_db
def test_history_is_written_once(django_assert_num_queries):
    event = AuditEvent.objects.create(
        action="test.happened", object_type="x", object_id="1", actor=UserFactory(), at="2026-01-01T00:00:00Z"
    )
    event.action = "test.changed"
    with pytest.raises(AppendOnlyError):
        event.save()
    with pytest.raises(AppendOnlyError):
        event.delete()
    with pytest.raises(AppendOnlyError):
        AuditEvent.objects.update(action="test.changed")
    with pytest.raises(AppendOnlyError):
        AuditEvent.objects.all().delete()
    with pytest.raises(AppendOnlyError):
        AuditEvent.objects.bulk_update([event], ["action"])


@pytest.mark.django_db
def test_the_database_refuses_to_rewrite_history_too():
    AuditEvent.objects.create(action="test.happened", object_type="x", object_id="1", at="2026-01-01T00:00:00Z")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE schools_auditevent SET action = 'test.changed'")
    assert AuditEvent.objects.get().action == "test.happened"


def test_a_text_is_trimmed_and_freed_from_signs_that_no_database_stores():
    assert clean_text("  a\x00b\ud800 \n c ") == "ab \n c"
