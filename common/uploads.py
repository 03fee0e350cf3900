"""Stops reading a file that is larger than allowed, before it fills memory or disk."""

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class LimitedUploadHandler(FileUploadHandler):
    """Skips the rest of a file past the limit and notes its name on the request as ``oversized_files``.

    The view then answers with a message instead of a broken connection.
    """

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data, start):
        self.seen += len(raw_data)
        if self.seen > settings.UPLOAD_LIMIT:
            names = getattr(self.request, "oversized_files", [])
            setattr(self.request, "oversized_files", [*names, self.file_name])  # noqa: B010  (not HttpRequest's own)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size):
        return None
