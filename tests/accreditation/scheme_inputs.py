"""Random schools for every scheme and form of education, as the JSON that the command takes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from accreditation.catalogue import SchemeData, load_schemes
from accreditation.json_input import parse_json
from accreditation.schemes import AccreditationScheme, Result
from tests.accreditation import second
from tests.factories import the_library

SCHEMES: dict[str, SchemeData] = load_schemes(the_library())
CASES = [("ban-2017", form) for form in second.BAN_FORMS]
CASES += [(scheme, form) for scheme in ("iasp-2020", "ia-2024") for form in second.OTHER_FORMS]


def scored(scheme: str, form: str, data: dict[str, Any] | str) -> Result:
    """As the command scores it: through JSON."""
    raw = data if isinstance(data, str) else json.dumps(data)
    return AccreditationScheme(SCHEMES[scheme]).score(form, parse_json(raw.encode())).result


def items(scheme: str, form: str) -> dict[str, tuple[Any, ...]]:
    """What every item takes, from the worst answer to the best; NA where it is offered stands last."""
    if scheme == "ban-2017":
        return {code: tuple("EDCBA") for part in second.ban_items().values() for code, _ in part}
    if scheme == "iasp-2020":
        return {code: (1, 2, 3, 4) for part in second.iasp_items(form).values() for code in part}
    return {
        code: (1, 2, 3, 4, "NA") if code in second.ia_na(form) else (1, 2, 3, 4)
        for part in second.ia_butir(form).values()
        for code in part
    }


def key_of(scheme: str) -> str:
    return "answers" if scheme == "ban-2017" else "levels"


@st.composite
def schools(draw: st.DrawFn, scheme: str, form: str) -> dict[str, Any]:
    """A school that answered everything, much, little or nothing; levels lean to one side, so that borders are met."""
    share = draw(st.sampled_from((0, 10, 50, 90, 100, 100)))
    favourite = draw(st.integers(0, 3))
    random = draw(st.randoms(use_true_random=False))
    answers = {}
    for code, options in items(scheme, form).items():
        if random.random() * 100 < share:
            place = favourite if random.random() < 0.6 else random.randrange(len(options))
            answers[code] = options[place]
    data: dict[str, Any] = {key_of(scheme): answers}
    if scheme == "iasp-2020":
        count = second.STATEMENTS[second.kin(form)]
        given = count if share == 100 else draw(st.integers(0, count))
        data["ipr"] = [
            random.choice((1, 2, 3, 4)) if share == 100 or random.random() < 0.8 else None for _ in range(given)
        ]
    return data


def expected(scheme: str, form: str, data: dict[str, Any]) -> dict[str, Any]:
    """What the second implementation makes of the same input."""
    if scheme == "ban-2017":
        return second.ban(form, data.get("answers"), data.get("obtained"))
    if scheme == "iasp-2020":
        return second.iasp(form, data["levels"], data.get("ipr"))
    return second.ia(form, data["levels"], data.get("thresholds"))


def completed(draw: st.DrawFn, scheme: str, form: str, data: dict[str, Any]) -> dict[str, Any]:
    """The same school with everything answered that was open."""
    every = {code: draw(st.sampled_from(options)) for code, options in items(scheme, form).items()}
    full = {key_of(scheme): every | data[key_of(scheme)]}
    if scheme == "iasp-2020":
        count = second.STATEMENTS[second.kin(form)]
        given = [*data["ipr"], *[None] * (count - len(data["ipr"]))]
        full["ipr"] = [draw(st.integers(1, 4)) if value is None else value for value in given]
    return full
