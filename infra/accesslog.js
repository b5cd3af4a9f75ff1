"use strict";
// One line of JSON for each request to the API, with the id that the functions' lines carry as request_id.

const FIELDS = {
  request_id: "requestId",
  time: "requestTimeEpoch",
  ip: "identity.sourceIp",
  agent: "identity.userAgent",
  method: "httpMethod",
  path: "path",
  route: "routeKey",
  status: "status",
  bytes: "responseLength",
  latency: "responseLatency",
  integration_latency: "integrationLatency",
  error: "integrationErrorMessage",
};

module.exports = () =>
  JSON.stringify(Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [name, `$context.${field}`])));
