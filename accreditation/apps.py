from django.apps import AppConfig


class AccreditationConfig(AppConfig):
    name = "accreditation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accreditation.bodies import load_bodies
        from accreditation.catalogue import load_schemes
        from accreditation.services.summaries import make_stale
        from evaluations.services.profiles import also_after_change
        from standards.checks import also_check

        also_after_change(make_stale)

        also_check(lambda library: load_schemes(library) if library else None)
        also_check(lambda _: load_bodies())
