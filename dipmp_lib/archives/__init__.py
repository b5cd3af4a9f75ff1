"""What is inside a wheel or an sdist, as far as an index needs it: the metadata file, read and checked."""

from .metadata import check_metadata
from .reading import MAX_METADATA, read_metadata

__all__ = ["MAX_METADATA", "check_metadata", "read_metadata"]
