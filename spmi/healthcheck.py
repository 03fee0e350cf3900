"""Asks the web process whether it is well: ``python -m spmi.healthcheck``, exit status 0 or 1.

Needs neither Django nor a database of its own, so that a container can ask every few seconds.
"""

import http.client
import os
import sys


def allowed_host() -> str:
    """A Host header that the application accepts."""
    first = os.environ.get("SPMI_ALLOWED_HOSTS", "").split(",")[0].strip()
    return first.removeprefix(".").replace("*", "") or "127.0.0.1"


def is_healthy(address: str, port: int, timeout: float = 5) -> bool:
    """Whether ``/healthz`` answers 200 at *address* and *port*."""
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request("GET", "/healthz", headers={"Host": allowed_host()})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_healthy("127.0.0.1", int(os.environ.get("PORT") or 8000)) else 1)
