"""What is inside a wheel or an sdist, as far as an index needs it: the metadata file, read and checked."""

from .metadata import check_metadata
from .reading import read_metadata

__all__ = ["check_metadata", "read_metadata"]
