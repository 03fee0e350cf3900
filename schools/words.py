"""The words of a school's naungan: what its head, team and papers are called."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel

from common.yamlfile import parse, read_yaml

WORDS_FILE = Path(__file__).parent / "data" / "words.yaml"


class Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    school: str
    principal: str
    quality_team: str
    contributor: str
    operator: str
    committee: str
    foundation: str
    guest_reviewer: str
    supervisor: str
    office: str
    budget_plan: str
    data_system: str

    def role(self, role: str) -> str:
        """The title of a role code such as ``PRINCIPAL``."""
        return str(getattr(self, role.lower()))


class _WordsFile(RootModel[dict[str, Words]]):
    pass


def load_words() -> dict[str, Words]:
    """The words of each naungan. Raises DataFileError."""
    return parse(read_yaml(WORDS_FILE), _WordsFile).root


@cache
def _all_words() -> dict[str, Words]:
    return load_words()


def words_for(naungan: str) -> Words:
    """Raises KeyError for a naungan without words."""
    return _all_words()[naungan]
