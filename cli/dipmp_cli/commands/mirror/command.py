"""`dipmp mirror`: publish files of another index, checked against its digests."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import publishes

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from dipmp_lib.publish.mirror.choose import MirrorRequest
    from dipmp_lib.publish.mirror.source import IndexUrl

    from ...session.context import PublishContext

_Text = str | None
_Texts = list[str] | None
_Requirements = Annotated[
    list[str], typer.Argument(metavar="REQUIREMENTS", help="Releases to mirror, e.g. 'requests==2.*'.")
]
_From = Annotated[_Text, typer.Option("--from", metavar="URL", help="Index to mirror. [DIPMP_MIRROR_FROM]")]
_Deps = Annotated[bool, typer.Option("--with-deps", help="Mirror dependencies too, in the latest version that fits.")]
_All = Annotated[bool, typer.Option("--all-versions", help="Mirror every matching version, not only the latest.")]
_Python = Annotated[
    _Texts, typer.Option(metavar="VERSION", help="Python version to mirror for, e.g. 3.12; may be repeated.")
]
_Platform = Annotated[
    _Texts, typer.Option(metavar="TAG", help="Platform to mirror for, e.g. manylinux_2_28_x86_64; may be repeated.")
]
_NoSdist = Annotated[bool, typer.Option("--no-sdist", "--only-wheels", help="Leave sdists out.")]
_Strict = Annotated[bool, typer.Option("--strict", help="Publish nothing unless everything can be mirrored.")]
_Cache = Annotated[
    Path | None, typer.Option(metavar="DIR", show_default="the user's cache", help="Folder for downloads.")
]
_CacheSize = Annotated[int, typer.Option(metavar="MIB", min=1, help="Maximum size of that folder.")]


@publishes
def mirror(  # noqa: PLR0913 - one per option
    context: "PublishContext",
    requirements: _Requirements,
    *,
    source: _From = None,
    with_deps: _Deps = False,
    all_versions: _All = False,
    python: _Python = None,
    platform: _Platform = None,
    no_sdist: _NoSdist = False,
    strict: _Strict = False,
    cache: _Cache = None,
    cache_size: _CacheSize = 10_240,
) -> None:
    """Publish files of another index, unchanged and checked against its digests.

    Without --python and --platform every file of a release is mirrored, because a version takes no more files 14 days
    after its first. Files that the registry refuses are reported, and the rest is published.
    """
    from .run import MirrorRun

    request = _request(requirements, python or [], platform or [], with_deps=with_deps, all_versions=all_versions)
    work = MirrorRun(context, _source(source), strict=strict)
    work.run(request, cache or _cache_folder(), cache_size << 20, sdists=not no_sdist)


def _source(flag: str | None) -> "IndexUrl":
    from dipmp_lib.errors import InvalidSettings
    from dipmp_lib.publish.mirror.source import parse_index_url

    from ...settings import open_layers

    variable = "DIPMP_MIRROR_FROM"
    text = (open_layers().get(variable, "") if flag is None else flag).strip()
    if not text:
        raise InvalidSettings([f"{variable} (or --from) is missing: the index to mirror, e.g. https://HOST/simple/"])
    index = parse_index_url(text)
    if flag is not None and index.authorization:
        raise InvalidSettings(
            [f"--from contains credentials, which other users of this machine can read: put the URL into {variable}"]
        )
    return index


def _request(
    texts: list[str], pythons: list[str], platforms: list[str], *, with_deps: bool, all_versions: bool
) -> "MirrorRequest":
    from dipmp_lib.publish.mirror.choose import MirrorRequest
    from dipmp_lib.publish.mirror.target import make_targets, this_machine

    narrow = bool(pythons or platforms)
    return MirrorRequest(
        requirements=tuple(_requirement(text) for text in texts),
        targets=make_targets(pythons, platforms) if narrow else (this_machine(),),
        narrow=narrow,
        with_deps=with_deps,
        all_versions=all_versions,
    )


def _requirement(text: str) -> "Requirement":
    from packaging.requirements import InvalidRequirement, Requirement

    from dipmp_lib.errors import InvalidInput
    from dipmp_lib.model.names import parse_project

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise InvalidInput(f"{text[:80]!r} is not a requirement", hint="write 'requests==2.*' (PEP 508)") from None
    parse_project(requirement.name)
    return requirement


def _cache_folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("dipmp") / "mirror"
