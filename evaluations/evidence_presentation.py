"""Evidence as the school's pages show it under a question."""

from __future__ import annotations

from dataclasses import dataclass

from common.decisions import Decision
from evaluations import files
from evaluations.forms import EvidenceForm
from evaluations.models import EvidenceLink, LinkState

_TYPE_NAMES = {files.PDF: "PDF", files.JPEG: "JPG", files.PNG: "PNG", files.DOCX: "DOCX", files.XLSX: "XLSX"}


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence under a question, as this person may see it."""

    link: EvidenceLink
    readable: Decision
    url: str
    section_state: str
    also: tuple[str, ...] = ()  # the other questions that the same file proves

    @property
    def state_label(self) -> str:
        return LinkState(self.link.state).shown(self.section_state)

    @property
    def title(self) -> str:
        return self.link.revision.evidence.title

    @property
    def hidden(self) -> bool:
        """Not even the title leaves the school."""
        return self.link.revision.evidence.confidential and not self.readable

    @property
    def meta(self) -> str:
        revision, evidence = self.link.revision, self.link.revision.evidence
        kind = evidence.get_kind_display()
        return ", ".join([kind, _TYPE_NAMES.get(revision.file.content_type, "berkas"), f"revisi {revision.number}"])


@dataclass(frozen=True, slots=True)
class EvidenceErrors:
    """Why nothing was uploaded, with what was typed beside the files."""

    messages: tuple[str, ...]
    form: EvidenceForm
