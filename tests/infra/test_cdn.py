"""CloudFront in the compiled template: its cache keys, lifetimes and access."""

import re
from typing import Any

import pytest

from dipmp_lib.server.headers import COMMON, PAGE, PREFLIGHT, WATCHED_PAGE
from tests.infra.stages import OPTIONS, STAGES, template

pytestmark = [pytest.mark.node, pytest.mark.parametrize("stage", STAGES)]

Config = dict[str, Any]


def properties(stage: str, logical: str) -> Config:
    found: Config = template(stage)["Resources"][logical]["Properties"]
    return found


def distribution(stage: str) -> Config:
    found: Config = properties(stage, "Distribution")["DistributionConfig"]
    return found


def origins(stage: str) -> dict[str, Config]:
    return {origin["Id"]: origin for origin in distribution(stage)["Origins"]}


def test_the_cache_is_keyed_on_what_makes_another_page(stage: str) -> None:
    policy = properties(stage, "AppCachePolicy")["CachePolicyConfig"]
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Accept"]}
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "whitelist", "QueryStrings": ["registry", "page", "q"]}
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert (key["EnableAcceptEncodingGzip"], key["EnableAcceptEncodingBrotli"]) == (True, False)
    assert {name.strip() for name in PAGE["Vary"].split(",")} == {"Accept", "Accept-Encoding"}


@pytest.mark.parametrize("policy", ["AppCachePolicy", "PagesCachePolicy"])
def test_the_applications_header_says_for_how_long(stage: str, policy: str) -> None:
    found = properties(stage, policy)["CachePolicyConfig"]
    # Nothing is kept that does not say so, and nothing for another time than it says.
    assert (found["MinTTL"], found["DefaultTTL"], found["MaxTTL"]) == (0, 0, 31_536_000)
    for header, most in ((PAGE, 60), (WATCHED_PAGE, 50)):
        seconds = re.findall(r"(?:s-maxage|stale-while-revalidate)=([0-9]+)", header["Cache-Control"])
        assert len(seconds) == 2
        assert sum(map(int, seconds)) == most
        assert "must-revalidate" not in header["Cache-Control"]  # which forbids to answer with what is stale


def test_no_error_is_kept_for_longer_than_it_says(stage: str) -> None:
    rows = distribution(stage)["CustomErrorResponses"]
    assert {row["ErrorCode"] for row in rows} == {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
    assert all(row == {"ErrorCode": row["ErrorCode"], "ErrorCachingMinTTL": 0} for row in rows)


def test_requests_go_to_the_api_with_a_normalised_accept(stage: str) -> None:
    behavior = distribution(stage)["DefaultCacheBehavior"]
    assert behavior["TargetOriginId"] == "api"
    assert behavior["CachePolicyId"] == {"Ref": "AppCachePolicy"}
    assert behavior["FunctionAssociations"] == [
        {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["AcceptFunction", "FunctionARN"]}}
    ]
    assert behavior["AllowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    assert behavior["Compress"] is False
    api = origins(stage)["api"]
    assert api["DomainName"] == {"Fn::Sub": "${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert api["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]
    assert "OriginPath" not in api


def test_large_pages_come_from_the_bucket_and_nothing_else_does(stage: str) -> None:
    [behavior] = distribution(stage)["CacheBehaviors"]
    assert behavior["PathPattern"] == "pages/*"
    assert behavior["TargetOriginId"] == "pages"
    assert behavior["AllowedMethods"] == ["GET", "HEAD"]
    assert behavior["CachePolicyId"] == {"Ref": "PagesCachePolicy"}
    key = properties(stage, "PagesCachePolicy")["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
    assert [key["EnableAcceptEncodingGzip"], key["EnableAcceptEncodingBrotli"]] == [False, False]
    bucket = origins(stage)["pages"]
    assert bucket["DomainName"] == {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}
    assert bucket["OriginAccessControlId"] == {"Fn::GetAtt": ["PagesAccess", "Id"]}
    access = properties(stage, "PagesAccess")["OriginAccessControlConfig"]
    assert (access["OriginAccessControlOriginType"], access["SigningBehavior"]) == ("s3", "always")


def test_everything_goes_over_tls(stage: str) -> None:
    found = distribution(stage)
    behaviors = [found["DefaultCacheBehavior"], *found["CacheBehaviors"]]
    # Not a redirect: what went over http once would have shown which packages somebody installs, or another page.
    assert {behavior["ViewerProtocolPolicy"] for behavior in behaviors} == {"https-only"}
    [condition, own, default] = found["ViewerCertificate"]["Fn::If"]
    assert condition == "HasDomain"
    assert own == {
        "AcmCertificateArn": {"Ref": "CertificateArn"},
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    assert default["CloudFrontDefaultCertificate"] is True


def test_options_are_behind_conditions(stage: str) -> None:
    resources, found = template(stage)["Resources"], distribution(stage)
    nothing = {"Ref": "AWS::NoValue"}
    assert found["Aliases"] == {"Fn::If": ["HasDomain", [{"Ref": "DomainName"}], nothing]}
    assert found["WebACLId"] == {"Fn::If": ["HasWebAcl", {"Ref": "WebAclArn"}, nothing]}
    records = {resources[name]["Properties"]["Type"]: resources[name] for name in ("DomainA", "DomainAaaa")}
    assert set(records) == {"A", "AAAA"}
    assert {record["Condition"] for record in records.values()} == {"HasHostedZone"}
    assert resources["AlarmEmail"]["Condition"] == "HasAlarmEmail"
    assert resources["Dashboard"]["Condition"] == "HasDashboard"


def test_conditions_hold_where_the_stage_chose(stage: str) -> None:
    template_ = template(stage)
    values = {name: each.get("Default", "") for name, each in template_["Parameters"].items()}
    holds = {name: evaluate(name, template_["Conditions"], values) for name in template_["Conditions"]}
    options = {name for name, value in holds.items() if value}
    wanted = {"dev": set(), "prod": {"HasDashboard"}, "everything": set(template_["Conditions"])}
    assert options == wanted[stage]
    assert (values["DomainName"] == OPTIONS["domain"]) == (stage == "everything")


def evaluate(condition: str, conditions: Config, values: dict[str, str]) -> bool:
    def truth(value: Any) -> bool:  # noqa: ANN401 - what JSON holds
        [(name, arguments)] = value.items()
        if name == "Condition":
            return evaluate(arguments, conditions, values)
        if name == "Fn::Equals":
            left, right = (values[each["Ref"]] if isinstance(each, dict) else each for each in arguments)
            return bool(left == right)
        return not truth(arguments[0]) if name == "Fn::Not" else all(map(truth, arguments))

    return truth(conditions[condition])


def test_what_the_bucket_sends_has_the_headers_of_the_application(stage: str) -> None:
    policy = properties(stage, "SecurityHeaders")["ResponseHeadersPolicyConfig"]
    cors, security = policy["CorsConfig"], policy["SecurityHeadersConfig"]
    assert cors["OriginOverride"] is False
    assert cors["AccessControlAllowOrigins"] == {"Items": [COMMON["Access-Control-Allow-Origin"]]}
    assert ", ".join(cors["AccessControlExposeHeaders"]["Items"]) == COMMON["Access-Control-Expose-Headers"]
    assert ", ".join(cors["AccessControlAllowHeaders"]["Items"]) == PREFLIGHT["Access-Control-Allow-Headers"]
    content = security["ContentSecurityPolicy"]
    assert content == {"ContentSecurityPolicy": COMMON["Content-Security-Policy"], "Override": False}
    assert security["ContentTypeOptions"] == {"Override": True}
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 31_536_000
    for behavior in (distribution(stage)["DefaultCacheBehavior"], *distribution(stage)["CacheBehaviors"]):
        assert behavior["ResponseHeadersPolicyId"] == {"Ref": "SecurityHeaders"}
