"""Steps that the tests of own instruments share: a draft with a question of every kind."""

from __future__ import annotations

import html
from typing import Any

from django.urls import reverse

from evaluations.services import workshop
from schools.models import Office, School, User
from standards.models import InstrumentVersion

HEADER = workshop.Header("Standar literasi kami", ("SD",), "Rapat tim mutu", "")
COMMON: dict[str, Any] = {
    "window": "semester ini",
    "answered_by": ["guru"],
    "gather": ["dokumen"],
    "evidence": ["Jadwal kegiatan", "Catatan pertemuan"],
}
LEVELS = {
    4: "Semua kelas membaca tiap hari dan murid memilih bukunya sendiri.",
    3: "Sebagian besar kelas membaca tiap hari; guru yang memilih buku.",
    2: "Membaca bersama dilakukan pada hari tertentu saja.",
    1: "Belum ada waktu membaca yang tetap.",
}
BANDS = {4: "1", 3: "3/4", 2: "1/2"}
DATA: dict[str, dict[str, Any]] = {
    "rubric": {"kind": "rubric", "question": "Seberapa sering murid membaca?", "levels": LEVELS, **COMMON},
    "ratio": {
        "kind": "ratio",
        "question": "Berapa kelas yang memiliki sudut baca?",
        "ratio": {"count": "Kelas dengan sudut baca", "of": "Semua kelas", "unit": "kelas"},
        "levels": {4: "Semua kelas.", 3: "Tiga perempat.", 2: "Separuh.", 1: "Kurang."},
        "bands": BANDS,
        **COMMON,
    },
    "yesno": {
        "kind": "yesno",
        "question": "Apakah jadwal piket perpustakaan dijalankan?",
        "levels": {4: "Ya, tertulis dan dijalankan.", 1: "Belum tertulis."},
        **COMMON,
    },
    "checklist": {
        "kind": "checklist",
        "question": "Apa yang sudah ada dalam pojok karya?",
        "points": [
            {"code": "a", "text": "Karya diganti tiap bulan", "must": True},
            {"code": "b", "text": "Karya dari semua kelas", "must": False},
        ],
        "cap": "1/3",
        "levels": {4: "Kedua hal ada.", 3: "Satu wajib.", 2: "Satu hal.", 1: "Tidak satu pun."},
        "bands": BANDS,
        **COMMON,
    },
}


def fresh(version: InstrumentVersion) -> InstrumentVersion:
    return InstrumentVersion.objects.with_owner().get(pk=version.pk)


def started(owner: School | Office, actor: User, **header: Any) -> InstrumentVersion:
    values = {name: header.get(name, getattr(HEADER, name)) for name in ("title", "forms", "source", "note")}
    return fresh(workshop.start_instrument(owner, workshop.Header(**values), actor=actor))


def add(version: InstrumentVersion, kind: str, part: str, actor: User, **changes: Any) -> str:
    now = fresh(version)
    _, code = workshop.add_item(now.pk, part, DATA[kind] | changes, seen=now.sha256, actor=actor)
    return code


def filled(owner: School | Office, actor: User, **header: Any) -> InstrumentVersion:
    """A draft with 7.2.s1 (rubric), 7.2.s2 (yes or no), 8.2.1.s1 (ratio) and 8.2.1.s2 (checklist)."""
    version = started(owner, actor, **header)
    for kind, part in (("rubric", "7.2"), ("yesno", "7.2"), ("ratio", "8.2.1"), ("checklist", "8.2.1")):
        add(version, kind, part, actor)
    return fresh(version)


def published(owner: School | Office, actor: User, **header: Any) -> InstrumentVersion:
    version = filled(owner, actor, **header)
    return fresh(workshop.publish(version.pk, seen=version.sha256, actor=actor))


def codes(version: InstrumentVersion) -> list[str]:
    return [item.code for item in fresh(version).spec.items]


# What a form of each kind is sent with.
COMMON = {"window": "semester ini", "answered_by": ["guru"], "gather": ["dokumen"], "evidence": "Jadwal\r\nCatatan"}
TYPED = {
    "rubric": {**COMMON, "question": "Seberapa sering?", **{f"level_{level}": text for level, text in LEVELS.items()}},
    "ratio": {
        **COMMON, "question": "Berapa kelas?", "count": "Kelas dengan sudut baca", "of": "Semua kelas", "unit": "kelas",
        "level_4": "Semua.", "level_3": "Banyak.", "level_2": "Separuh.", "level_1": "Kurang.",
        "band_4": "100%", "band_3": "0,75", "band_2": "1/2",
    },
    "yesno": {**COMMON, "question": "Apakah ada?", "level_4": "Ada.", "level_1": "Tidak.", "na": "Tanpa ruang baca"},
    "checklist": {
        **COMMON, "question": "Apa yang ada?", "rows": "5", "point_0": "Karya diganti", "must_0": "on",
        "point_2": "Dari semua kelas", "level_4": "Dua.", "level_3": "Wajib.", "level_2": "Satu.", "level_1": "Nol.",
        "band_4": "1", "band_3": "3/4", "band_2": "1/2",
    },
}  # fmt: skip


# --- pages ------------------------------------------------------------------------------------------

HTMX = {"HX-Request": "true"}


def url(name, version=None, *args):
    place = [version.instrument, version.version] if version else []
    return reverse(f"evaluations:workshop{name}", args=[*place, *args])


def get(client, user, address, **kwargs):
    client.force_login(user)
    return client.get(address, **kwargs)


def post(client, user, address, data=None, **kwargs):
    client.force_login(user)
    return client.post(address, data or {}, **kwargs)


def text(response):
    return html.unescape(response.content.decode())
