"""WSGI entry point, used by gunicorn in both modes."""

from spmi import runtime

runtime.prepare()

from django.core.wsgi import get_wsgi_application  # noqa: E402  (settings need the prepared directory)

application = get_wsgi_application()
