"""Most tests of the data files change one of some thirty files and read them all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest

from common import yamlfile


@pytest.fixture(scope="package", autouse=True)
def unchanged_files_are_parsed_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yamlfile, "parse_yaml", lru_cache(maxsize=256)(yamlfile.parse_yaml))
        yield
