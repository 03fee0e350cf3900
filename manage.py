#!/usr/bin/env python
"""Entry point of the command line."""

import os
import secrets
import sys
from pathlib import Path

from spmi import runtime


def main() -> None:
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller (``>&-``): what is said there, nobody wants to hear
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - open until the process ends
    try:
        runtime.prepare()
    except OSError as error:
        if sys.argv[1:2] != ["score"]:
            sys.exit(
                f"Folder data {runtime.data_dir()} tidak dapat dibuat atau ditulis ({error.strerror}). "
                "Periksa SPMI_DATA_DIR, atau pilih folder lain."
            )
        # Figures alone need no folder, and sign nothing: any folder that exists will do, nothing is written there.
        os.environ |= {"SPMI_DATA_DIR": str(runtime.BASE_DIR), "SPMI_SECRET_KEY": secrets.token_urlsafe(48)}
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # Ctrl-C deserves silence, not a traceback
        sys.exit(130)
