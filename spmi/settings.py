"""One settings module; everything that differs between machines comes from the environment.

``SPMI_MODE=embedded`` (default) runs on SQLite, a queue in the file system and local memory.
``SPMI_MODE=production`` needs PostgreSQL, Redis, a key and host names, and refuses to start with unsafe values.
All variables are listed in docs/operations.md.
"""

from pathlib import Path
from urllib.parse import quote

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from spmi import runtime

env = environ.Env()
BASE_DIR = runtime.BASE_DIR
DATA_DIR: Path = runtime.data_dir()
MODE = runtime.mode()
if MODE not in {"embedded", "production"}:
    raise ImproperlyConfigured(f"SPMI_MODE harus 'embedded' atau 'production', bukan '{MODE}'.")
EMBEDDED = MODE == "embedded"


def _required(name: str, why: str) -> str:
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} belum diisi: {why} (SPMI_MODE=production).")
    return value


def _listed(text: str) -> list[str]:
    """``"a.id, b.id"`` as people write it: a name with a space before it would never match a request."""
    return [name.strip() for name in text.split(",") if name.strip()]


# --- safety -----------------------------------------------------------------------------------------
if EMBEDDED:
    SECRET_KEY = env.str("SPMI_SECRET_KEY", default="")
    if not SECRET_KEY:
        try:
            SECRET_KEY = runtime.secret_key_file().read_text().strip()
        except FileNotFoundError:
            raise ImproperlyConfigured(f"Tidak ada {runtime.secret_key_file()}; jalankan lewat manage.py.") from None
    ALLOWED_HOSTS = _listed(env.str("SPMI_ALLOWED_HOSTS", default="")) or ["127.0.0.1", "localhost", "[::1]"]
    DEBUG = env.bool("SPMI_DEBUG", default=False)
else:
    SECRET_KEY = _required("SPMI_SECRET_KEY", "buat kunci acak sedikitnya 50 tanda")
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        raise ImproperlyConfigured("SPMI_SECRET_KEY terlalu lemah: sedikitnya 50 tanda acak.")
    ALLOWED_HOSTS = _listed(_required("SPMI_ALLOWED_HOSTS", "nama host layanan ini"))
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("SPMI_ALLOWED_HOSTS tidak boleh kosong atau '*'; sebutkan nama host.")
    DEBUG = False
    if env.bool("SPMI_DEBUG", default=False):
        raise ImproperlyConfigured("SPMI_DEBUG tidak boleh menyala pada SPMI_MODE=production.")

DEMO = env.bool("SPMI_DEMO", default=EMBEDDED)
if DEMO and not EMBEDDED:
    raise ImproperlyConfigured("SPMI_DEMO membuka akun contoh; tidak boleh pada SPMI_MODE=production.")

HTTPS = env.bool("SPMI_HTTPS", default=not EMBEDDED)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_TRUSTED_ORIGINS = _listed(env.str("SPMI_TRUSTED_ORIGINS", default=""))
# How many proxies stand before us: whose X-Forwarded-For entry is the visitor's address in throttling.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("SPMI_PROXY_COUNT", default=0 if EMBEDDED else 1)
CSRF_FAILURE_VIEW = "spmi.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its check marks as data: images
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- applications -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
    "common",
    "schools",
    "standards",
    "evaluations",
    "accreditation",
    "reports",
    "spmi",
]
MIDDLEWARE = [
    "common.middleware.ServerTimingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "common.middleware.PathMiddleware",
    "common.middleware.DomainErrorMiddleware",
]
SERVER_TIMING = env.bool("SPMI_SERVER_TIMING", default=False)
ROOT_URLCONF = "spmi.urls"
WSGI_APPLICATION = "spmi.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "schools.context.acting_as",
                "spmi.context.demo",
            ],
            "builtins": ["common.templatetags.spmi"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- state ------------------------------------------------------------------------------------------
if EMBEDDED:
    _sqlite = quote(str(DATA_DIR / "spmi.sqlite3"))  # a folder may be called "data #1"
    _database = env.db_url("SPMI_DATABASE_URL", default=f"sqlite:///{_sqlite}")
else:
    _database = env.db_url_config(_required("SPMI_DATABASE_URL", "alamat PostgreSQL"))
    if _database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("SPMI_DATABASE_URL harus menunjuk PostgreSQL pada SPMI_MODE=production.")
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # A transaction takes the write lock at its start: no deadlock between two readers that both go on to write.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    _database["CONN_MAX_AGE"] = env.int("SPMI_CONN_MAX_AGE", default=60)
    _database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("SPMI_REDIS_URL", default="") if EMBEDDED else _required("SPMI_REDIS_URL", "alamat Redis")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

MEDIA_ROOT = DATA_DIR / "media"  # never under a public address: files leave through a permission check
STATIC_URL = "static/"
STATIC_ROOT = env.str("SPMI_STATIC_ROOT", default=str(DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "common.storage.WholeFileStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Readable by all, unlike uploads: they are public, and collected by another user than the one who serves.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
# Pages ask for hashed names alone, and TTF fonts are for the PDF alone: a fourth of the work at the first start.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "ttf"]
FILE_UPLOAD_PERMISSIONS = 0o640
UPLOAD_LIMIT = env.int("SPMI_UPLOAD_LIMIT", default=10 * 1024 * 1024)  # bytes per evidence file
FILE_UPLOAD_HANDLERS = [
    "common.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- queue ------------------------------------------------------------------------------------------
REPORT_LEASE_SECONDS = env.int("SPMI_REPORT_LEASE_SECONDS", default=60)
REPORT_SWEEP_SECONDS = env.int("SPMI_REPORT_SWEEP_SECONDS", default=30)
REPORT_MAX_ATTEMPTS = 3
QUEUE_DIR = DATA_DIR / "queue"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
else:
    CELERY_BROKER_URL = "filesystem://localhost/"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.2,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50  # WeasyPrint's font caches grow; a fresh child keeps memory flat
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Jakarta"
# Keeps no file: one that was written under a wrong clock would silence the sweep until that day.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep-reports": {
        "task": "reports.tasks.sweep_reports",
        "schedule": REPORT_SWEEP_SECONDS,
        "options": {"expires": REPORT_SWEEP_SECONDS},
    },
    "catch-up-readiness": {
        "task": "accreditation.tasks.catch_up_readiness",
        "schedule": REPORT_SWEEP_SECONDS,
        "options": {"expires": REPORT_SWEEP_SECONDS},
    },
}

# --- people -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "schools.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "schools.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {"login": "schools.forms.LoginForm"}
ACCOUNT_RATE_LIMITS = {
    # A whole school shares one address on the night of the deadline; guessing one account stays slow.
    "login": "120/m/ip",
    "login_failed": "60/m/ip,8/5m/key",
    "redeem_code": "30/m/ip,5/5m/key",
    "calculator": "120/m/ip",  # a training room calculates behind one address
}

# --- language ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("SPMI_LOG_LEVEL", default="WARNING")},
    "loggers": {
        "spmi": {"level": "INFO"},
        "reports": {"level": "INFO"},
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
    },
}
