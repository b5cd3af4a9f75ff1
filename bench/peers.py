"""Servers of the read benchmark, as processes on free ports of loopback."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.read_app import NAMES, SIZES, page
from tests.support.repository import ROOT, TOOLS

GUNICORN = TOOLS / "bench" / "bin" / "gunicorn"
_START = 30.0
_NGINX = """\
{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type application/octet-stream; etag on;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port}; root {folder}/www; index index.json;
    types {{ application/vnd.pypi.simple.v1+json json; }}
    location /redirect {{ return 302 https://g.example/ipfs/x; }}
  }}
}}
"""


@contextmanager
def ours(kind: str) -> Iterator[str]:
    """Run `dipmp` or `bare` of bench.read_app."""
    port = _free_port()
    with _running([sys.executable, "-m", "bench.read_app", kind, str(port)], port) as url:
        yield url


@contextmanager
def proxpi(index_url: str) -> Iterator[str]:
    """Run proxpi in front of an index, as its documentation says, with caches that outlive the benchmark."""
    port = _free_port()
    command = [str(GUNICORN), "--threads", "4", "-b", f"127.0.0.1:{port}", "proxpi.server:app"]
    env = {"PROXPI_INDEX_URL": index_url, "PROXPI_INDEX_TTL": "3600"}
    with _running(command, port, env) as url:
        yield url


@contextmanager
def nginx(folder: Path, metadata: bytes) -> Iterator[str]:
    """Run nginx with the pages as files."""
    binary = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if binary is None:
        raise FileNotFoundError("nginx")
    port = _free_port()
    for size in SIZES:
        place = folder / "www" / NAMES[size]
        place.mkdir(parents=True)
        (place / "index.json").write_bytes(page(size))
        (place / "metadata").write_bytes(metadata)
    user = "user root;" if os.geteuid() == 0 else ""  # or its worker could not read a folder of ours
    (folder / "conf").write_text(_NGINX.format(folder=folder, port=port, user=user))
    with _running(
        [binary, "-p", str(folder), "-c", str(folder / "conf"), "-e", str(folder / "error.log")], port
    ) as url:
        yield url


@contextmanager
def _running(command: Sequence[str], port: int, env: Mapping[str, str] | None = None) -> Iterator[str]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(env or {})}, stdout=quiet, stderr=quiet) as process:
        try:
            _wait(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    ends = time.monotonic() + _START
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not start")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
