"""Checks of a received form against its file; the file's own metadata counts, the form is only a cross-check."""

from ...distributions import Distribution
from ...errors import InvalidDistribution, InvalidUpload
from ...model.filenames import parse_filename
from .form import ReceivedForm

_DIGESTS = {"sha256_digest": "sha256", "blake2_256_digest": "blake2_256", "md5_digest": "md5"}
_IGNORED_ACTIONS = {"submit", "verify"}
"""Obsolete calls that announce a project; old tools still make them, and PyPI ignores them, too."""


def is_upload(received: ReceivedForm) -> bool:
    """Return whether the form uploads a file; False for an obsolete call. Raises InvalidUpload for other actions."""
    action = received.fields.get(":action", "")
    if action in _IGNORED_ACTIONS:
        return False
    if action != "file_upload":
        raise InvalidUpload(f"the form's ':action' is {action[:40]!r}, and this server has 'file_upload' alone")
    return True


def to_distribution(received: ReceivedForm, *, lenient: bool = False) -> Distribution:
    """Check the file and rename it to its file name. Raises InvalidUpload, InvalidFilename, InvalidDistribution."""
    if received.fields.get("protocol_version", "1") != "1":
        raise InvalidUpload("the form's 'protocol_version' is not 1")
    if received.filename is None:
        raise InvalidUpload("the form has no part 'content' with the file")
    filename = parse_filename(received.filename)
    _check_digests(received)
    if received.fields.get("filetype") not in (None, filename.kind):
        raise InvalidUpload(f"the form says that {filename.text} is a {received.fields['filetype'][:40]!r}")
    # The grammar of file names allows no slash, so this cannot leave the folder.
    named = received.path.with_name(filename.text)
    received.path.rename(named)
    dist = Distribution.from_path(named, lenient=lenient)
    if dist.dag.sha256.hex() != received.digests["sha256"]:
        raise InvalidDistribution([(filename.text, "changed on disk while it was read")])
    return dist


def _check_digests(received: ReceivedForm) -> None:
    stated = {field: received.fields[field] for field in _DIGESTS if received.fields.get(field)}
    if not stated:
        raise InvalidUpload("the form states no digest of its file", hint="send sha256_digest")
    for field, digest in stated.items():
        found = received.digests[_DIGESTS[field]]
        if digest.lower() != found:
            raise InvalidUpload(
                f"the file was damaged on its way: the form's {field} is {digest[:80]!r}, and its bytes have {found}",
                hint="upload it again",
            )
