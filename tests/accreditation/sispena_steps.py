"""A school that answered IA2024 and its self-evaluation, for the tests of what goes to Sispena."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from accreditation.catalogue import SchemeData
from accreditation.services.readiness import the_schemes
from evaluations.models import AnswerState, Evaluation, Evidence, EvidenceLink, Section
from evaluations.services import answers, evidence, instruments
from tests.evaluations import uploads
from tests.factories import Place, sample_value, whole_catalogue


class SispenaPlace(Place):
    """An SD on the edition from which a crosswalk leads to IA2024, with IA2024 opened beside it."""

    def __init__(self, **school: Any) -> None:
        whole_catalogue()
        super().__init__(edition="2026.1", scope="lengkap", **school)
        instruments.open_evaluation(self.cycle.pk, "ia-2024", actor=self.team)
        self.beside = Evaluation.objects.with_place().get(cycle=self.cycle, version__instrument="ia-2024")

    @property
    def scheme(self) -> SchemeData:
        return the_schemes()["ia-2024"]

    def part(self, code: str, *, direct: bool) -> Section:
        evaluation = self.beside if direct else self.evaluation
        rows = Section.objects.select_related("evaluation__cycle__school__region", "evaluation__version")
        return rows.get(evaluation=evaluation, standard=code.partition(".")[0])

    def say(self, code: str, level: int = 3, *, note: str = "", direct: bool = True) -> None:
        """Answer an indikator of IA2024, or with *direct* False a question of the self-evaluation."""
        section = self.part(code, direct=direct)
        row = section.answers.filter(item_code=code).first()
        answer = answers.AnswerInput(AnswerState.ANSWERED, sample_value(section.item(code), level), note=note)
        answers.record_answer(section.pk, code, answer, version=row.version if row else 0, actor=self.teacher)

    def does_not_apply(self, code: str) -> None:
        section = self.part(code, direct=True)
        answer = answers.AnswerInput(AnswerState.NOT_APPLICABLE, na_reason=section.item(code).na[0].code)
        answers.record_answer(section.pk, code, answer, version=0, actor=self.teacher)

    def prove(self, code: str, title: str, *, direct: bool = True, seed: int = 0, **more: Any) -> EvidenceLink:
        section = self.part(code, direct=direct)
        return evidence.add_evidence(
            section.pk, code, name="bukti.pdf", data=uploads.pdf(seed=seed or crc32(title.encode())), title=title,
            actor=self.teacher, **more,
        )  # fmt: skip

    def keep(self, title: str, **more: Any) -> Evidence:
        """Evidence on the shelf of the school."""
        return self.prove("1.4.1", title, **more).revision.evidence
