from django.apps import AppConfig


class SpmiConfig(AppConfig):
    name = "spmi"

    def ready(self) -> None:
        # Makes @shared_task bind to our queue in web processes too.
        from spmi import celery, checks  # noqa: F401
