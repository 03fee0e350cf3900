"""One spelling per content, so that its hash can be recomputed years later."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_json(content: Any) -> str:
    """JSON with sorted keys and no spaces; raises ValueError for NaN and TypeError for foreign types."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_text(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of *text*, as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
