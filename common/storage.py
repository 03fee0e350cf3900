"""Files on disk whose name follows from their content."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible(path="common.storage.WholeFileStorage")
class WholeFileStorage(FileSystemStorage):
    """Saves a file under exactly the given name, all of it or nothing.

    It is written beside its place and then moved there in one step: whoever reads meanwhile finds the former file or
    the new one, never a part, and a process that dies leaves no half file under the name. An object storage
    behaves so by itself.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File) -> str:
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=place.parent, prefix=".", suffix=".part", delete=False) as draft:
            part = Path(draft.name)
            try:
                for chunk in content.chunks():
                    draft.write(chunk)
                draft.flush()
                if self.file_permissions_mode is not None:
                    part.chmod(self.file_permissions_mode)
                part.replace(place)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        return name
