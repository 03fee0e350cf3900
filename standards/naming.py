"""What the pages call the codes of a question: its kind, its dimension, who answers, how one finds out.

Pure: knows neither Django nor the database.
"""

from __future__ import annotations

from standards.items import ItemSpec

KINDS = {"rubric": "rubrik", "ratio": "rasio", "yesno": "ya atau tidak", "checklist": "daftar periksa"}
DIMENSIONS = {"input": "masukan", "process": "proses", "output": "hasil"}
ANSWERERS = {
    "guru": "guru",
    "kepala": "kepala",
    "tendik": "tenaga kependidikan",
    "operator": "operator",
    "komite": "komite",
}
GATHERING = {"dokumen": "dokumen", "observasi": "pengamatan", "wawancara": "wawancara", "angket": "angket"}
STATUSES = {
    "confirmed": "terverifikasi",
    "partly_confirmed": "terverifikasi sebagian",
    "unverified": "belum terverifikasi",
}
ORIGINS = {"official": "resmi", "own": "disusun sendiri", "unverified": "belum terverifikasi"}
TITLE_UNKNOWN = "Judul belum diketahui"
SELF_EVALUATION = "EDS"  # short; madrasah read it by their own name (standards.wording)


def answerers(item: ItemSpec) -> str:
    return ", ".join(ANSWERERS[who] for who in item.answered_by)


def gathered(item: ItemSpec) -> str:
    return ", ".join(GATHERING[how] for how in item.gather)


def level_name(item: ItemSpec, level: int) -> str:
    """``Level 3``; of a question with two answers ``Ya`` and ``Tidak``."""
    if item.kind == "yesno":
        return "Ya" if level == 4 else "Tidak"
    return f"Level {level}"
