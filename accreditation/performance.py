"""A first draft of the Deskripsi Kinerja Asesi of one butir, from what the school wrote. Pure: no Django, no clock.

The draft says only what an answer, a note or a piece of proof says: what is done, with what proof, what is not yet
done, and where nothing is known. Descriptions of levels are those of an instrument, named as its source and marked as
our own words or unverified, never as official ones. Proof marked confidential is never named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from common.canonical import canonical_json, sha256_text
from common.formats import format_date
from common.texts import plain_text
from evaluations.values import Checklist, Ratio, Value, YesNo, describe, reading_level
from standards.items import LEVELS, ItemSpec
from standards.naming import TITLE_UNKNOWN

NOTHING = "Belum ada catatan untuk indikator ini."


@dataclass(frozen=True, slots=True)
class Proof:
    """Proof linked to an indikator; ``via`` names the questions of the self-evaluation through which it came."""

    code: str
    title: str
    kind: str  # in words
    dated: date | None
    valid_until: date | None = None
    confidential: bool = False
    returned: bool = False  # wherever it is linked, the review asks for something better
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the school answered to one question. ``value`` is None for "tidak berlaku", then ``reason`` says why."""

    item: ItemSpec
    value: Value | None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known about one indikator: a direct answer, or replies of the self-evaluation that lead to it."""

    code: str
    name: str = ""  # "" where the title is not public
    direct: Reply | None = None
    replies: tuple[Reply, ...] = ()  # of the self-evaluation, only where there is no direct answer
    proofs: tuple[Proof, ...] = ()
    missing: tuple[str, ...] = ()  # questions that lead here and are not answered

    @property
    def title(self) -> str:
        return f"{self.code} {self.name or TITLE_UNKNOWN}"

    @property
    def silent(self) -> bool:
        """Whether the school said nothing: no answer, no proof."""
        return self.direct is None and not self.replies and not self.proofs


@dataclass(frozen=True, slots=True)
class Words:
    """How the draft speaks: the word for the school, and names of the instruments and of the levels."""

    school: str
    instrument: str  # of the direct answers
    questions: str  # short name of the self-evaluation
    levels: dict[int, str]  # as the scheme shows them


def mark_of(known: Iterable[Known]) -> str:
    """A short name of everything a draft rests on; it changes when, and only when, one of these facts does."""
    facts = [
        {
            "code": one.code,
            "direct": _facts(one.direct) if one.direct else None,
            "replies": [_facts(reply) for reply in one.replies],
            "proofs": sorted(
                [proof.code, proof.title, proof.kind, str(proof.dated), proof.confidential, proof.returned]
                for proof in one.proofs
            ),
        }
        for one in known
    ]
    return sha256_text(canonical_json(facts))


def _facts(reply: Reply) -> list[object]:
    return [reply.item.code, reply.value.to_json() if reply.value else None, reply.reason, reply.note]


def draft(known: Sequence[Known], words: Words) -> str:
    """The draft of one butir: a heading and paragraphs per indikator, and at the end where the descriptions come from.

    Plain text without control signs; a blank line stands between two indikator.
    """
    blocks = [_block(one, words) for one in known]
    if quoted := _sources(known, words):
        blocks.append(quoted)
    return "\n\n".join(blocks)


def _block(one: Known, words: Words) -> str:
    if one.silent:
        return f"{one.title}\n{NOTHING}"
    lines = [one.title]
    if one.direct is not None:
        lines += _direct(one.direct, words)
    elif one.replies:
        lines += _through(one.replies, words)
    else:
        lines.append("Belum ada jawaban atau catatan untuk indikator ini; yang ada baru buktinya.")
    lines.append(_proof_line(one, words))
    if one.direct is None and one.missing:
        lines.append(f"Belum diketahui: pertanyaan {words.questions} {', '.join(one.missing)} belum dijawab.")
    return "\n".join(lines)


# --- what is done, and what is not yet done -----------------------------------------------------------


def _direct(reply: Reply, words: Words) -> list[str]:
    if reply.value is None:
        return [f"Tidak berlaku di {words.school}: {_sentence(reply.reason)}", _note(reply, words)]
    level = reading_level(reply.item, reply.value)
    named = words.levels.get(level, str(level)) if level is not None else "belum terbaca"
    done = f"Yang dilakukan: {words.school} menilai diri pada level {named}. {_done(reply)}".rstrip()
    return [done, _note(reply, words), f"Yang belum: {_not_yet(reply) or 'tidak ada yang dicatat.'}"]


def _through(replies: Sequence[Reply], words: Words) -> list[str]:
    lines = [f"Belum ada jawaban langsung. Yang diketahui dari jawaban {words.questions}:"]
    missing = []
    for reply in replies:
        code = f"{words.questions} {reply.item.code}"
        if reply.value is None:
            lines.append(f"- {code}: tidak berlaku, {_sentence(reply.reason)}")
        else:
            lines.append(f"- {code}: {_done(reply)}")
            if left := _not_yet(reply):
                missing.append(f"- {code}: {left}")
        if reply.note.strip():
            lines.append(f"  {_note(reply, words)}")
    return [*lines, *(["Yang belum:", *missing] if missing else ["Yang belum: tidak ada yang dicatat."])]


def _done(reply: Reply) -> str:
    """The answer in words: the description of the chosen level, or what was counted."""
    item, value = reply.item, reply.value
    if value is None:
        return ""
    if item.kind == "rubric":
        level = reading_level(item, value)
        return f"Uraian level {level}: “{item.levels[level]}”" if level is not None else ""
    if isinstance(value, Checklist):
        met = [point.text for point in item.points or () if point.code in value.met]
        return f"{describe(item, value)}{': ' + '; '.join(met) if met else ''}."
    return f"“{item.question}” {describe(item, value)}."


def _not_yet(reply: Reply) -> str:
    """What the answer itself says is missing: the next level, points without a tick, the rest of a count, a "tidak";
    "" for none."""
    item, value = reply.item, reply.value
    if value is None:
        return ""
    if item.kind == "rubric":
        level = reading_level(item, value)
        following = item.levels.get(level + 1) if level is not None else None
        return f"level {level + 1} belum dinyatakan tercapai: “{following}”" if following and level else ""
    if isinstance(value, Checklist):
        left = [point.text for point in item.points or () if point.code not in value.met]
        return f"{'; '.join(left)}." if left else ""
    if isinstance(value, Ratio) and reading_level(item, value) in range(1, max(LEVELS)):
        return f"{describe(item, Ratio(value.of - value.count, value.of))}."
    if isinstance(value, YesNo) and not value.value:
        return f"jawaban atas “{item.question}” adalah tidak."
    return ""


def _note(reply: Reply, words: Words) -> str:
    return f"Catatan {words.school}: {_sentence(reply.note) if reply.note.strip() else 'belum ada.'}"


def _sentence(text: str) -> str:
    """A text on one line of the draft, ending like a sentence."""
    plain = " ".join(plain_text(text).split())
    return plain if plain.endswith((".", "!", "?", "…")) else f"{plain}."


# --- with what proof ----------------------------------------------------------------------------------


def _proof_line(one: Known, words: Words) -> str:
    shown = [proof for proof in one.proofs if not proof.confidential and not proof.returned]
    if shown:
        return f"Bukti: {'; '.join(_proof(proof, words) for proof in shown)}."
    if one.proofs:
        return "Bukti: belum ada yang dapat disebut di sini."
    return "Bukti: belum ada yang tertaut."


def _proof(proof: Proof, words: Words) -> str:
    about = [proof.kind.lower(), format_date(proof.dated) if proof.dated else "tanpa tanggal"]
    if proof.via:
        about.append(f"pada {words.questions} {', '.join(proof.via)}")
    return f"“{_title(proof)}” ({', '.join(about)})"


def _title(proof: Proof) -> str:
    return _plain_title(proof.title)


def _plain_title(title: str) -> str:
    return " ".join(plain_text(title).split())


# --- where the descriptions come from -----------------------------------------------------------------


def _sources(known: Sequence[Known], words: Words) -> str:
    """Says of every description in quotation marks whose words it is."""
    direct = [one.direct.item for one in known if one.direct and one.direct.value is not None]
    through = [reply for one in known if one.direct is None for reply in one.replies if reply.value is not None]
    if not direct and not through:
        return ""
    parts = []
    if direct:
        parts.append(f"instrumen {words.instrument}")
    if through:
        parts.append(words.questions)
    text = (
        f"Sumber uraian dalam tanda petik: {' dan '.join(parts)}. Kalimatnya disusun sendiri untuk penilaian diri, "
        f"bukan rumusan resmi badan akreditasi; gantilah dengan keadaan nyata di {words.school}."
    )
    unsure = [item.code for item in direct if item.status == "unverified"]
    return f"{text} Uraian {', '.join(unsure)} belum terverifikasi." if unsure else text


# --- what must not leave ------------------------------------------------------------------------------


def secrets_in(text: str, known: Iterable[Known], confidential: Iterable[str]) -> tuple[str, ...]:
    """Titles of confidential proof that a text names as a draft would, since it was written before they became so.

    *confidential* are such titles of the whole school, since proof may have been taken off the question meanwhile. A
    title that open proof of the butir has too is none.
    """
    open_ones = {_title(proof) for one in known for proof in one.proofs if not proof.confidential}
    titles = {_plain_title(title) for title in confidential} - open_ones
    return tuple(sorted(title for title in titles if f"“{title}”" in text))


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text for a file that leaves the school, with those titles taken out."""
    for title in secrets:
        text = text.replace(f"“{title}”", "(bukti rahasia)")
    return text


def counts(text: str) -> tuple[int, int]:
    """Words and signs of a text; a line break is one sign."""
    return len(text.split()), len(text)
