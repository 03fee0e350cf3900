"""Where the tests find PostgreSQL, Redis and Chromium, and how they notice that one is absent."""

import os
import shutil

POSTGRES_URL = os.environ.get("SPMI_TEST_POSTGRES_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
REDIS_URL = os.environ.get("SPMI_TEST_REDIS_URL") or "redis://127.0.0.1:6379/13"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def postgres_problem() -> str:
    """Why PostgreSQL cannot be used, or an empty text."""
    import psycopg2

    try:
        psycopg2.connect(POSTGRES_URL, connect_timeout=3).close()
    except psycopg2.OperationalError as error:
        return f"PostgreSQL does not answer at {POSTGRES_URL}: {str(error).strip().splitlines()[0]}"
    return ""


def redis_problem() -> str:
    """Why Redis cannot be used, or an empty text."""
    import redis

    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3) as client:
            client.ping()
    except redis.RedisError as error:
        return f"Redis does not answer at {REDIS_URL}: {error}"
    return ""


def chromium_path() -> str | None:
    """The first Chromium on the PATH, None without one."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def chromium_problem() -> str:
    """Why Chromium cannot be used, or an empty text."""
    return "" if chromium_path() else f"none of {', '.join(CHROMIUM_NAMES)} is on the PATH"
