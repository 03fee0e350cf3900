from django.apps import AppConfig

from common import datafiles


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from evaluations.cycles import load_models
        from evaluations.feeds import load_all_feeds

        datafiles.register("model siklus", load_models)
        datafiles.register("rumus usulan dari data pokok", load_all_feeds)
