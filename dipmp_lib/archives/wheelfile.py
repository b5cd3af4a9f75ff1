"""The WHEEL file against the file name. Sources: PEP 427, PEP 425 (compressed tag sets)."""

import re
from email import message_from_string
from email.message import Message
from itertools import product

from ..filenames import Filename
from .findings import Findings, shown

_VERSION = re.compile(r"1\.[0-9]{1,4}")
_MAX_TAGS = 4_096
_OWN_LINUX = re.compile(r"linux_(?!armv[67]l$)")


def check_wheel_file(filename: Filename, data: bytes, findings: Findings) -> None:
    """Check version, layout, build number and tags."""
    try:
        fields = message_from_string(data.decode())
    except UnicodeDecodeError:
        findings.error("has a WHEEL file that is not UTF-8")
        return
    version = (fields["Wheel-Version"] or "").strip()
    if _VERSION.fullmatch(version) is None:
        findings.error(f"has a WHEEL file of version {shown(version)}, and installers know 1.x alone")
    if (fields["Root-Is-Purelib"] or "").strip().lower() not in ("true", "false"):
        findings.error("has a WHEEL file without Root-Is-Purelib: true or false")
    build = (fields["Build"] or "").strip().lower()
    if build != filename.build:
        findings.warn(f"has the build number {shown(filename.build)} in its name, and {shown(build)} in its WHEEL file")
    _check_tags(filename, fields, findings)
    if any(_OWN_LINUX.match(platform) for platform in filename.tags[2].split(".")):
        findings.form("is built for one Linux system (linux_…): manylinux or musllinux wheels run on others, too")


def _check_tags(filename: Filename, fields: Message, findings: Findings) -> None:
    """Installers go by the file name alone, so tags that differ mislead people only."""
    listed = {tag for text in fields.get_all("Tag", [])[:_MAX_TAGS] for tag in _expand(text.strip().lower())}
    named = set(_expand("-".join(filename.tags)))
    if listed != named:
        odd = sorted(listed ^ named)[0]
        where = "its WHEEL file" if odd in listed else "its name"
        findings.warn(f"has other tags in its name than in its WHEEL file: {shown(odd)} stands in {where} alone")


def _expand(text: str) -> list[str]:
    parts = [part.split(".") for part in text.split("-")]
    size = 1
    for part in parts:
        size *= len(part)
    return ["-".join(combination) for combination in product(*parts)] if size <= _MAX_TAGS else [text]
