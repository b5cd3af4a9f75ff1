"""Parameters by the extension: what it is asked, what it may answer, and that nothing of an answer is shown."""

import json
from typing import Any

import pytest

from dipmp_lib.aws.parameters import ExtensionParameters, ParameterName
from dipmp_lib.errors import SecretError
from dipmp_lib.http import Answer, Fetcher
from tests.support.fakes.parameters import NAME, SECRET

ENV = {"AWS_SESSION_TOKEN": "the-token", "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": "1234"}


class Extension(Fetcher):
    """Answers each request with the next of `answers`, the last one for ever."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[tuple[str, Any]] = []

    def fetch(self, method: str, url: str, **options: Any) -> Answer:  # noqa: ANN401
        self.asked.append((url, options["headers"]))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Answer(status, {}, body)


def document(**parameter: object) -> tuple[int, bytes]:
    return 200, json.dumps({"Parameter": {"Name": NAME.path, "Value": SECRET} | parameter}).encode()


def test_the_parameter_is_asked_for_by_its_path_with_the_session_token() -> None:
    extension = Extension(document())
    assert ExtensionParameters(extension, ENV).get(NAME) == SECRET
    url = "http://localhost:1234/systemsmanager/parameters/get?name=%2Fdipmp%2Fprod%2Feth-gateway&withDecryption=true"
    assert extension.asked == [(url, {"X-Aws-Parameters-Secrets-Token": "the-token"})]


def test_the_token_is_read_at_each_request() -> None:
    extension, env = Extension(document()), dict(ENV)
    parameters = ExtensionParameters(extension, env)
    env["AWS_SESSION_TOKEN"] = "of-another-environment"
    parameters.get(NAME)
    assert extension.asked[0][1] == {"X-Aws-Parameters-Secrets-Token": "of-another-environment"}


def test_an_extension_that_is_starting_is_asked_again() -> None:
    starting = 400, b"not ready to serve traffic, please wait"
    extension = Extension(starting, starting, document())
    assert ExtensionParameters(extension, ENV, seconds=60).get(NAME) == SECRET
    assert len(extension.asked) == 3


def test_an_extension_that_never_starts_is_given_up() -> None:
    extension = Extension((400, b"not ready"))
    with pytest.raises(SecretError, match="answered 400"):
        ExtensionParameters(extension, ENV, seconds=0).get(NAME)
    assert len(extension.asked) == 1


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_refusal_is_an_error_that_names_the_parameter_and_the_permissions(status: int) -> None:
    with pytest.raises(SecretError, match=f"answered {status} for {NAME}") as caught:
        ExtensionParameters(Extension((status, SECRET.encode())), ENV).get(NAME)
    assert "kms:Decrypt" in caught.value.hint
    assert "verysecret" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        (200, SECRET.encode()),
        (200, json.dumps(SECRET).encode()),
        (200, json.dumps({"Parameter": SECRET}).encode()),
        document(Name="/other"),
        document(Value=None),
        document(Value=[SECRET]),
        (200, b"[" * 5000),
    ],
    ids=repr,
)
def test_another_document_is_no_answer_and_nothing_of_it_is_shown(answer: tuple[int, bytes]) -> None:
    with pytest.raises(SecretError, match="did not answer with the parameter") as caught:
        ExtensionParameters(Extension(answer), ENV).get(ParameterName(NAME.path))
    assert "verysecret" not in str(caught.value)


def test_without_an_extension_it_is_one_sentence() -> None:
    env = {"PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": "1"}
    with pytest.raises(SecretError, match=r"^http://localhost:1/… refuses the connection"):
        ExtensionParameters(Fetcher(), env).get(NAME)
