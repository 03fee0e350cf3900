#!/usr/bin/env python
"""Entry point of the command line."""

import sys

from spmi import runtime


def main() -> None:
    try:
        runtime.prepare()
    except OSError as error:
        sys.exit(
            f"Folder data {runtime.data_dir()} tidak dapat dibuat atau ditulis ({error.strerror}). "
            "Periksa SPMI_DATA_DIR, atau pilih folder lain."
        )
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # Ctrl-C deserves silence, not a traceback
        sys.exit(130)
