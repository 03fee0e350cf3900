"""Loading the data files into the database: once, whole or not at all, and never over a published version."""

from __future__ import annotations

import dataclasses
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.append_only import AppendOnlyError
from common.yamlfile import DataFileError, Problem
from schools.models import AuditEvent
from standards.catalogue import DATA_DIR
from standards.library import Library
from standards.library import load_library as read_library
from standards.models import Indicator, InstrumentContent, InstrumentVersion, LegalBasis, Standard, Subindicator
from standards.services import load_library, publish
from tests.factories import the_library, the_spec
from tests.threads import at_once

pytestmark = pytest.mark.django_db
LIBRARY = the_library()
EDS = the_spec()


def changed(spec=EDS, **changes):
    return type(spec).model_validate({name: getattr(spec, name) for name in type(spec).model_fields} | changes)


def test_the_first_load_writes_everything_and_the_second_nothing():
    rows = 226 + len(LIBRARY.legal_bases) + len(LIBRARY.instruments)
    assert load_library(LIBRARY) == rows
    assert (Standard.objects.count(), Indicator.objects.count(), Subindicator.objects.count()) == (8, 29, 189)
    assert LegalBasis.objects.count() == len(LIBRARY.legal_bases)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert load_library(read_library()) == 0
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_every_instrument_is_published_as_it_stands_in_its_files():
    load_library(LIBRARY)
    assert {row.instrument for row in InstrumentVersion.objects.published()} == {"eds-snp", "ia-2024", "iasp-2020"}
    for spec in LIBRARY.instruments:
        assert InstrumentVersion.objects.get(instrument=spec.instrument, version=spec.version).spec == spec


def test_rows_stand_in_the_order_of_their_codes_below_their_parents():
    load_library(LIBRARY)
    row = Subindicator.objects.select_related("indicator__standard").get(code="8.1.2")
    assert (row.indicator.code, row.indicator.standard.code) == ("8.1", "8")
    assert list(Indicator.objects.filter(standard__code="8").values_list("code", flat=True)) == ["8.1", "8.2", "8.3"]


def test_a_corrected_name_is_written_and_nothing_else():
    load_library(LIBRARY)
    rows = tuple(
        dataclasses.replace(row, name="Nama yang diperbaiki") if row.code == "8.1" else row
        for row in LIBRARY.catalogue.rows
    )
    better = Library(dataclasses.replace(LIBRARY.catalogue, rows=rows), LIBRARY.legal_bases, LIBRARY.instruments)
    assert load_library(better) == 1
    assert Indicator.objects.get(code="8.1").name == "Nama yang diperbaiki"


def test_a_published_version_with_other_content_is_refused_and_nothing_is_written():
    load_library(LIBRARY)
    rows = tuple(
        dataclasses.replace(row, name="Nama lain") if row.code == "8.1" else row for row in LIBRARY.catalogue.rows
    )
    tampered = Library(
        dataclasses.replace(LIBRARY.catalogue, rows=rows), LIBRARY.legal_bases, (changed(title="Judul lain"),)
    )
    with pytest.raises(DataFileError, match=r"eds-snp/2025\.1/instrument\.yaml: version: versi ini sudah terbit"):
        load_library(tampered)
    assert not Indicator.objects.filter(name="Nama lain").exists()
    assert InstrumentVersion.objects.get(instrument="eds-snp", version="2025.1").title == EDS.title


def test_a_correction_is_a_new_version_and_the_old_one_stays_readable():
    publish(EDS)
    item = EDS.items[0].model_copy(update={"question": "Apakah pertanyaannya sudah diperbaiki?"})
    publish(changed(version="2025.2", items=(item, *EDS.items[1:])))
    newest = InstrumentVersion.objects.newest("eds-snp")
    assert newest.version == "2025.2"
    assert newest.spec.items[0].question == "Apakah pertanyaannya sudah diperbaiki?"
    assert InstrumentVersion.objects.get(version="2025.1").spec == EDS


def test_the_newest_version_is_the_highest_number_and_never_a_withdrawn_one():
    for version in ("2025.10", "2025.9", "2024.11"):
        publish(changed(version=version))
    assert InstrumentVersion.objects.newest("eds-snp").version == "2025.10"
    InstrumentVersion.objects.filter(version="2025.10").update(
        status=InstrumentVersion.Status.RETIRED, retired_at=timezone.now()
    )
    assert InstrumentVersion.objects.newest("eds-snp").version == "2025.9"
    assert InstrumentVersion.objects.newest("lain") is None


def test_a_published_version_whose_folder_is_marked_as_a_draft_again_is_refused():
    load_library(LIBRARY)
    rest = tuple(spec for spec in LIBRARY.instruments if spec != EDS)
    again = dataclasses.replace(LIBRARY, instruments=rest, drafts=frozenset({("eds-snp", EDS.version)}))
    with pytest.raises(DataFileError, match=r"DRAFT\.md: versi yang sudah terbit tidak dapat menjadi draf lagi"):
        load_library(again)
    assert InstrumentVersion.objects.get(instrument="eds-snp", version=EDS.version).status == "PUBLISHED"


def test_a_version_that_its_folder_marks_is_retired_once_and_recorded():
    load_library(LIBRARY)
    marked = dataclasses.replace(LIBRARY, retired=frozenset({("eds-snp", EDS.version)}))
    assert load_library(marked) == 1
    version = InstrumentVersion.objects.get(instrument="eds-snp", version=EDS.version)
    assert version.status == InstrumentVersion.Status.RETIRED
    assert version.retired_at is not None
    assert [event.actor for event in AuditEvent.objects.about(version)] == [None]
    assert load_library(marked) == 0
    with pytest.raises(DataFileError, match=rf"eds-snp/{EDS.version}/RETIRED\.md"):
        load_library(LIBRARY)
    with pytest.raises(KeyError):
        dataclasses.replace(marked, instruments=(EDS,)).newest("eds-snp")


def test_the_mark_is_read_from_the_folder(tmp_path):
    shutil.copytree(DATA_DIR, tmp_path / "data")
    (tmp_path / "data" / "instruments" / "eds-snp" / EDS.version / "RETIRED.md").write_text("Diganti.")
    assert read_library(tmp_path / "data").retired == {("eds-snp", EDS.version)}


def test_the_content_of_a_version_is_found_by_its_hash_and_cannot_be_rewritten():
    publish(EDS)
    version = InstrumentVersion.objects.get()
    assert version.sha256 == EDS.sha256()
    content = version.content
    content.text = "{}"
    with pytest.raises(AppendOnlyError):
        content.save()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE standards_instrumentcontent SET text = '{}'")
    assert InstrumentContent.objects.get().text == EDS.canonical()


def test_the_command_loads_says_what_it_did_and_is_safe_to_repeat(capsys):
    call_command("load_catalogue")
    assert "baris ditulis" in capsys.readouterr().out
    call_command("load_catalogue")
    assert "sudah lengkap" in capsys.readouterr().out


def test_the_command_checks_files_without_writing(capsys):
    call_command("load_catalogue", "--check")
    assert "226 baris SNP" in capsys.readouterr().out
    assert not Standard.objects.exists()


def test_the_command_names_every_problem_and_loads_nothing(monkeypatch):
    def broken():
        raise DataFileError(
            [Problem("standard-8.yaml", 3, "items.0.kind", "keliru"), Problem("x.yaml", 0, "", "kosong")]
        )

    monkeypatch.setattr("standards.management.commands.load_catalogue.read_library", broken)
    with pytest.raises(CommandError) as caught:
        call_command("load_catalogue")
    assert "2 masalah, tidak ada yang dimuat" in str(caught.value)
    assert "standard-8.yaml:3: items.0.kind: keliru" in str(caught.value)
    assert not Standard.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_loads_at_once_one_writes_everything_and_the_other_finds_it_there():
    written = at_once(lambda: load_library(LIBRARY), lambda: load_library(LIBRARY))
    rows = 226 + len(LIBRARY.legal_bases) + len(LIBRARY.instruments)
    assert sorted(written) == [0, rows]
