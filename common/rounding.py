"""The one way in which an exact fraction becomes a printed number."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction


def round_half_up(value: Fraction | int | Decimal, digits: int = 2) -> Decimal:
    """Round *value* to *digits* decimals, exactly half going away from zero.

    Works on the exact fraction, never on a float or on an already shortened Decimal, so 2.625 gives 2.63.
    Raises ValueError for negative *digits*.
    """
    if digits < 0:
        raise ValueError(f"digits {digits} < 0")
    exact = Fraction(value)
    scaled = abs(exact) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    with localcontext() as context:
        context.prec = max(28, len(str(whole)) + 2)
        result = Decimal(whole).scaleb(-digits)
        result = result if exact >= 0 else -result
        return result.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def as_text(value: Fraction | int | Decimal | None, digits: int = 2) -> str | None:
    """*value* as figures stand in JSON: rounded half up, with a point; None stays None."""
    return None if value is None else f"{round_half_up(value, digits):f}"
