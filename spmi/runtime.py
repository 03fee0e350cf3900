"""What has to exist before the settings can be read: the data directory and, embedded, a secret key.

Settings must not create files on import, so every entry point (manage.py, WSGI, Celery) calls
:func:`prepare` first.
"""

import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """Directory that holds all state (``SPMI_DATA_DIR``, default ``var/`` beside manage.py)."""
    return Path(os.environ.get("SPMI_DATA_DIR") or BASE_DIR / "var").resolve()


def mode() -> str:
    """``embedded`` (default) or ``production``."""
    return os.environ.get("SPMI_MODE", "embedded")


def secret_key_file() -> Path:
    return data_dir() / "secret_key"


def prepare() -> None:
    """Create the data directory; in embedded mode also the secret key, readable by its owner alone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spmi.settings")
    if mode() != "embedded":
        return
    data_dir().mkdir(mode=0o700, parents=True, exist_ok=True)  # other people of this computer stay outside
    if os.environ.get("SPMI_SECRET_KEY") or secret_key_file().exists():
        return
    draft = secret_key_file().with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    try:
        os.link(draft, secret_key_file())  # atomic: two processes starting at once agree on one key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
