"""Archives as they arrive: checked whole before anything is stored."""

from jupyterlab_milepost.archive import MAX_BYTES, ArchiveError, Entry, inspect

from milepost.domain.errors import InvalidError, TooLargeError


def checked(archive: bytes) -> list[Entry]:
    """Return what an archive holds. Raises TooLargeError, or InvalidError with the reason."""
    if len(archive) > MAX_BYTES:
        raise TooLargeError(f"An archive may have at most {MAX_BYTES // 2**20} MiB.")
    try:
        entries = inspect(archive)
    except ArchiveError as error:
        raise InvalidError(f"The archive was refused: {error}") from error
    if not entries:
        raise InvalidError("The archive holds no files.")
    return entries
