"""Checks that hold for every resource policy."""

import json
from collections.abc import Mapping
from typing import Any

HTTPS_ONLY = {"Bool": {"aws:SecureTransport": "false"}}


def refuses_without_tls(policy: Mapping[str, Any]) -> None:
    conditions = [each.get("Condition") for each in policy["Statement"] if each["Effect"] == "Deny"]
    assert json.loads(json.dumps(conditions).replace(": false", ': "false"')) == [HTTPS_ONLY]
