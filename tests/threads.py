"""Acts at the same moment: real threads with connections of their own, on either database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection

from common.errors import DomainError
from schools.models import User


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Results of *acts*, started together; an error of the field is the result of its act."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=30)
            results[index] = act()
        except (DomainError, PermissionDenied) as error:
            results[index] = error
        except BaseException as error:
            results[index] = error
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def fresh(person: User) -> User:
    """The same person for another thread: nothing cached is shared."""
    return User.objects.get(pk=person.pk)


def split(results: list[Any], error: type[Exception]) -> tuple[list[Any], list[Any]]:
    lost = [result for result in results if isinstance(result, error)]
    return [result for result in results if result not in lost], lost
