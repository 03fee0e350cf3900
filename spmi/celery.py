"""The Celery application. The queue is only a hint: rows in the database say what is to be done."""

from spmi import runtime

runtime.prepare()

from celery import Celery  # noqa: E402  (settings need the prepared directory)

app = Celery("spmi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
