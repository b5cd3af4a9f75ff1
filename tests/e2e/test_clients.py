"""Clients besides installing: warm caches, source builds, resolving, locking; and two foreign parsers."""

import hashlib
import json
import re
import tarfile
import tomllib
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import mousebender.simple
import pytest
import requests
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from pypi_simple import PyPISimple

from tests.support.programs.clients import Environment
from tests.support.systems.end_to_end import World
from tests.support.waiting import HANGS

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"


def project_of(path: Path) -> str:
    """The normalised project name in a distribution's file name."""
    if path.suffix == ".whl":
        return parse_wheel_filename(path.name)[0]
    return parse_sdist_filename(path.name)[0]


def metadata_of(wheel: Path) -> bytes:
    """METADATA as it is in the wheel."""
    with ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA") and n.count("/") == 1]
        return archive.read(name)


def pkg_info_of(sdist: Path) -> bytes:
    """PKG-INFO as it is in the sdist."""
    with tarfile.open(sdist) as archive:
        (name,) = [n for n in archive.getnames() if n.endswith("/PKG-INFO") and n.count("/") == 1]
        member = archive.extractfile(name)
        assert member is not None
        return member.read()


def test_a_second_install_from_a_warm_cache(published: World, server: str, pip: Environment) -> None:
    index = published.index_url(server)
    # pip caches nothing from plain HTTP, unless it is told to trust the host.
    options = ("--trusted-host", "127.0.0.1", "--index-url", index, "--target", str(pip.folder / "site"), "--upgrade")
    for _ in range(3):
        done = pip.pip("install", *options, "rich", "-vvv")
        assert done.code == 0, done.text
    assert re.search(r'"GET /\S*simple/\S+/rich/ HTTP/1.1" 304 ', done.text), done.text


def test_pip_download_of_sources(published: World, server: str, pip: Environment) -> None:
    index = published.index_url(server)
    done = pip.pip("download", "--index-url", index, "--no-deps", "--no-binary", "tomli-w", "tomli-w", "-d", "got")
    assert done.code == 0, done.text
    assert [path.name for path in (pip.folder / "got").iterdir()] == ["tomli_w-1.2.0.tar.gz"]


def test_pip_lock(published: World, server: str, pip: Environment) -> None:
    index = published.index_url(server)
    done = pip.pip("lock", "--index-url", index, "requests", "-o", "pylock.toml")
    assert done.code == 0, done.text
    packages = tomllib.loads((pip.folder / "pylock.toml").read_text())["packages"]
    assert {"requests", "idna", "certifi", "urllib3", "charset-normalizer"} == {item["name"] for item in packages}
    for item in packages:
        for wheel in item["wheels"]:
            assert wheel["url"].startswith(published.servers[server])
            assert len(wheel["hashes"]["sha256"]) == 64


def test_uv_compile_and_lock(published: World, server: str, uv: Environment) -> None:
    index = published.index_url(server)
    (uv.folder / "in.txt").write_text("requests\nrich\n")
    done = uv.uv("pip", "compile", "--index-url", index, "--generate-hashes", "--python", str(uv.python), "in.txt")
    assert done.code == 0, done.text
    assert "requests==2.34.2" in done.out
    assert "--hash=sha256:" in done.out
    project = uv.folder / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["requests"]\n'
    )
    done = uv.uv("lock", "--project", str(project), "--index-url", index, "--python", str(uv.python))
    assert done.code == 0, done.text
    locked = tomllib.loads((project / "uv.lock").read_text())
    files = [wheel for item in locked["package"] for wheel in item.get("wheels", [])]
    assert files
    assert all(f["url"].startswith(published.servers[server]) and "upload-time" in f for f in files)


def page(published: World, server: str, project: str, accept: str) -> requests.Response:
    """One project page."""
    answer = requests.get(f"{published.index_url(server)}{project}/", headers={"Accept": accept}, timeout=HANGS)
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == accept
    return answer


def test_the_json_is_right_for_every_file(published: World, server: str, dists: tuple[Path, ...]) -> None:
    for path in dists:
        document = page(published, server, project_of(path), JSON).json()
        (entry,) = [item for item in document["files"] if item["filename"] == path.name]
        assert document["meta"]["api-version"] == "1.4"
        assert entry["hashes"] == {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        assert entry["size"] == path.stat().st_size
        uploaded = datetime.fromisoformat(entry["upload-time"])
        assert 0 <= (datetime.now(UTC) - uploaded).total_seconds() < 3600
        if path.suffix == ".whl":
            metadata = metadata_of(path)
            assert entry["core-metadata"] == {"sha256": hashlib.sha256(metadata).hexdigest()}
            assert entry.get("requires-python") == BytesParser().parsebytes(metadata)["Requires-Python"]
        else:
            assert "core-metadata" not in entry
            assert entry.get("requires-python") == BytesParser().parsebytes(pkg_info_of(path))["Requires-Python"]


def test_pypi_simple_downloads_everything_with_digests(
    published: World, server: str, dists: tuple[Path, ...], tmp_path: Path
) -> None:
    with PyPISimple(published.index_url(server)) as reader:
        names = {canonicalize_name(name) for name in reader.get_index_page().projects}
        assert {project_of(path) for path in dists} <= names
        for path in dists:
            (package,) = [p for p in reader.get_project_page(project_of(path)).packages if p.filename == path.name]
            reader.download_package(package, tmp_path / path.name, verify=True)
            assert (tmp_path / path.name).read_bytes() == path.read_bytes()
            if path.suffix == ".whl":
                assert reader.get_package_metadata_bytes(package, verify=True) == metadata_of(path)


def described(body: bytes, content_type: str, project: str) -> dict[str, Any]:
    """Return mousebender's reading of a page, file by file."""
    details = mousebender.simple.parse_project_details(body.decode(), content_type, project)
    keys = ("url", "hashes", "requires-python", "core-metadata", "yanked")
    return {item["filename"]: {key: item.get(key) or None for key in keys} for item in details["files"]}


@pytest.mark.filterwarnings("ignore::mousebender.simple.APIVersionWarning")  # it knows the API up to 1.3
def test_html_and_json_describe_the_same_files(published: World, server: str, dists: tuple[Path, ...]) -> None:
    for project in sorted({project_of(path) for path in dists}):
        parsed = [described(page(published, server, project, kind).content, kind, project) for kind in (JSON, HTML)]
        assert parsed[0] == parsed[1]
        assert parsed[0]


def test_pip_index_versions(published: World, server: str, pip: Environment) -> None:
    done = pip.pip("index", "versions", "--json", "--index-url", published.index_url(server), "rich")
    assert done.code == 0, done.text
    assert json.loads(done.out)["versions"] == ["15.0.0"]


def upload_time(published: World, server: str, project: str) -> datetime:
    """Return the upload time of a project's first file, by its page."""
    files = page(published, server, project, JSON).json()["files"]
    return min(datetime.fromisoformat(item["upload-time"]) for item in files)


def test_uv_exclude_newer(published: World, server: str, uv: Environment) -> None:
    uploaded = upload_time(published, server, "idna")
    (uv.folder / "in.txt").write_text("idna\n")
    for moment, code in ((uploaded + timedelta(seconds=1), 0), (uploaded - timedelta(seconds=1), 1)):
        limit = ("--exclude-newer", moment.isoformat())
        index = ("--default-index", published.index_url(server))
        done = uv.uv("pip", "compile", *index, *limit, "--python", str(uv.python), "in.txt")
        assert done.code == code, done.text
        assert ("idna==" in done.out) is (code == 0), done.text


def test_pip_uploaded_prior_to(published: World, server: str, pip: Environment) -> None:
    uploaded = upload_time(published, server, "idna")
    for moment, code in ((uploaded - timedelta(seconds=1), 1), (uploaded + timedelta(seconds=1), 0)):
        limit = ("--uploaded-prior-to", moment.isoformat())
        done = pip.pip("install", "--index-url", published.index_url(server), *limit, "idna")
        assert done.code == code, done.text
        assert "does not provide upload-time" not in done.text


def test_uv_default_index(published: World, server: str, uv: Environment) -> None:
    done = uv.uv(
        "pip", "install", "--python", str(uv.python), "--default-index", published.index_url(server), "requests"
    )
    assert done.code == 0, done.text
    imported = uv.run(uv.python, "-c", "import requests, idna; print(requests.__version__)")
    assert imported.out.strip() == "2.34.2", imported.text


def test_hash_checking_mode(published: World, server: str, client: Environment) -> None:
    files = page(published, server, "idna", JSON).json()["files"]
    (digest,) = {item["hashes"]["sha256"] for item in files if item["filename"].endswith(".whl")}
    (version,) = page(published, server, "idna", JSON).json()["versions"]
    requirements = client.folder / "requirements.txt"
    for digits, code in (("0" * 64, 1), (digest, 0)):
        requirements.write_text(f"idna=={version} --hash=sha256:{digits}\n")
        done = client.install(published.index_url(server), "--require-hashes", "-r", str(requirements))
        assert (done.code != 0) is (code != 0), done.text
    assert client.run(client.python, "-c", "import idna").code == 0
