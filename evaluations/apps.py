from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from evaluations.cycles import load_cycle_models
        from evaluations.feeds import check_feeds
        from standards.checks import also_check

        also_check(check_feeds)
        also_check(lambda _: load_cycle_models())
