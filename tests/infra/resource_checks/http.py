"""Checks of the HTTP API, and of CloudFront in front of it."""

from tests.support.aws.deployment import DeployedResource, Deployment, function_of
from tests.support.fakes.aws import REGION


def api(on: Deployment, seen: DeployedResource) -> None:
    found = on.aws.client("apigatewayv2").get_api(ApiId=seen.physical)
    assert (found["Name"], found["ProtocolType"]) == (f"{on.stage}-dipmp", "HTTP")


def stage(on: Deployment, seen: DeployedResource) -> None:
    found = on.aws.client("apigatewayv2").get_stage(ApiId=on.outputs()["HttpApiId"], StageName=seen.physical)
    assert found["DefaultRouteSettings"]["ThrottlingRateLimit"] == 50
    assert found["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 100
    assert f":log-group:/aws/http-api/{on.stack}" in found["AccessLogSettings"]["DestinationArn"]


def integration(on: Deployment, seen: DeployedResource) -> None:
    client = on.aws.client("apigatewayv2")
    found = client.get_integration(ApiId=on.outputs()["HttpApiId"], IntegrationId=seen.physical)
    assert (found["IntegrationType"], found["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert function_of(found["IntegrationUri"]).startswith(on.stack)
    assert found["IntegrationUri"].endswith(":snapstart") == (
        seen.logical in ("HttpApiIntegrationSimple", "HttpApiIntegrationFiles")
    )


def route(on: Deployment, seen: DeployedResource) -> None:
    found = on.aws.client("apigatewayv2").get_route(ApiId=on.outputs()["HttpApiId"], RouteId=seen.physical)
    assert found["RouteKey"] == seen.properties["RouteKey"]


def edge_function(on: Deployment, seen: DeployedResource) -> None:
    client = on.aws.client("cloudfront")
    found = client.describe_function(Name=seen.physical)["FunctionSummary"]
    assert found["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert b"function handler" in client.get_function(Name=seen.physical)["FunctionCode"].read()


def cache_policy(on: Deployment, seen: DeployedResource) -> None:
    found = on.aws.client("cloudfront").get_cache_policy(Id=seen.physical)["CachePolicy"]["CachePolicyConfig"]
    key = found["ParametersInCacheKeyAndForwardedToOrigin"]
    headers = key["HeadersConfig"].get("Headers", {}).get("Items", [])
    expected = (["Accept"], True) if seen.logical == "AppCachePolicy" else ([], False)
    assert (headers, key["EnableAcceptEncodingGzip"]) == expected


def headers_policy(on: Deployment, seen: DeployedResource) -> None:
    found = on.aws.client("cloudfront").get_response_headers_policy(Id=seen.physical)["ResponseHeadersPolicy"]
    security = found["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000


def access_control(on: Deployment, seen: DeployedResource) -> None:
    found = on.aws.client("cloudfront").get_origin_access_control(Id=seen.physical)["OriginAccessControl"]
    config = found["OriginAccessControlConfig"]
    assert (config["SigningBehavior"], config["OriginAccessControlOriginType"]) == ("always", "s3")


def distribution(on: Deployment, seen: DeployedResource) -> None:
    client, resources = on.aws.client("cloudfront"), on.resources()
    config = client.get_distribution(Id=seen.physical)["Distribution"]["DistributionConfig"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert config["Aliases"]["Items"] == ["pkg.example.org"]
    behavior = config["DefaultCacheBehavior"]
    assert behavior["CachePolicyId"] == resources["AppCachePolicy"].physical
    (association,) = behavior["FunctionAssociations"]["Items"]
    assert association["FunctionARN"].endswith(f":function/{resources['AcceptFunction'].physical}")
    (pages,) = config["CacheBehaviors"]["Items"]
    assert pages["PathPattern"] in ("pages/*", "/pages/*")
    origins = {origin["Id"]: origin for origin in config["Origins"]["Items"]}
    assert origins[pages["TargetOriginId"]]["OriginAccessControlId"] == resources["PagesAccess"].physical
    app = origins[behavior["TargetOriginId"]]
    assert app["DomainName"] == f"{on.outputs()['HttpApiId']}.execute-api.{REGION}.amazonaws.com"
    assert app["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def record_set(on: Deployment, seen: DeployedResource) -> None:
    client = on.aws.client("route53")
    (zone,) = client.list_hosted_zones()["HostedZones"]
    records = client.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    (record,) = [each for each in records if each["Type"] == seen.properties["Type"]]
    name = on.aws.client("cloudfront").get_distribution(Id=on.outputs()["DistributionId"])["Distribution"]["DomainName"]
    assert record["AliasTarget"]["DNSName"].rstrip(".") == name
