from django.apps import AppConfig

from common import datafiles


class SchoolsConfig(AppConfig):
    name = "schools"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from schools.basic_data import load_sheet
        from schools.words import load_words

        datafiles.register("data pokok", load_sheet)
        datafiles.register("istilah naungan", load_words)
