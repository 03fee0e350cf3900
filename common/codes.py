"""Random codes that people read aloud, type and print: no 0/O or 1/I/L, no vowels that make words."""

import secrets

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"


def random_code(length: int = 12) -> str:
    """*length* signs of 4.8 bits each (12 signs: 57 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def grouped_code(prefix: str, groups: int = 3, size: int = 4) -> str:
    """For example ``TT-K7PB-93QD-XW4M``."""
    return "-".join([prefix, *(random_code(size) for _ in range(groups))])
