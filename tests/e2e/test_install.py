"""Real packages are published and installed back with real clients, through every server."""

from pathlib import Path

from tests.support.programs.clients import Environment, isolated_env, make_environment
from tests.support.programs.dipmp import SCRIPTS, program
from tests.support.systems.end_to_end import World, server_settings

IMPORTS = "import requests, rich.console, PIL.Image, tomli_w; print(tomli_w.__name__)"
REQUIREMENTS = ("requests", "rich", "pillow", "tomli-w", "--no-binary", "tomli-w")


def test_install_and_import(published: World, server: str, client: Environment) -> None:
    index = published.index_url(server)
    done = client.install(index, *REQUIREMENTS)
    assert done.code == 0, done.text
    imported = client.run(client.python, "-c", IMPORTS)
    assert imported.out == "tomli_w\n", imported.text
    if client.client != "uv":
        urls = client.download_urls()
        assert len(urls) >= 10
        assert all(url.startswith(f"{published.servers[server]}/files/") for url in urls), urls


def test_the_same_install_fails_when_our_server_is_down(published: World, client: Environment, tmp_path: Path) -> None:
    target = published.publish
    env = isolated_env(tmp_path / "home") | server_settings(target.rpc_url, target.gateway_url)
    with program((SCRIPTS / "dipmp", "serve", "--port", "0", "--quiet"), env, tmp_path / "serve.log") as origin:
        index = f"{origin}/simple/{target.registry}/"
        done = client.install(index, "idna")
        assert done.code == 0, done.text
    again = make_environment(tmp_path / "again", client.client)
    done = again.install(index, "idna")
    assert done.code != 0, done.text
    assert again.run(again.python, "-c", "import idna").code != 0
