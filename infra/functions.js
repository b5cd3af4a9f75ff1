"use strict";
// The functions of a stage. Pinned registries have routes, functions and reserved concurrency of their own; what nobody
// pinned is $default's, with the same handlers. So a flood of one kind of request cannot use up the other's share.

const fs = require("fs");
const path = require("path");

const secrets = require("./secrets.js");

const MAX_ROUTES = 300; // an HTTP API's quota
const DENYLIST = /^denylists\/[A-Za-z0-9._-]+\.deny$/; // what is packaged
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

module.exports.functions = async ({ resolveVariable }) => {
  const stage = await stageOf(resolveVariable);
  const { pinned } = stage;
  const routes = [...fixedRoutes(), ...pinned.flatMap(simpleRoutes)];
  if (routes.length + pinned.length + 2 > MAX_ROUTES) throw new Error(`${pinned.length} pinned registries are too many`);
  const common = { timeout: 14, memorySize: stage.memory, layers: stage.layers };
  const front = { ...common, ...reserved(stage.reservedPinned), ...(stage.snapStart && { snapStart: true }) };
  const open = { ...common, ...reserved(stage.reservedOpen) };
  return {
    simple: {
      ...front,
      handler: "functions/simple.handler",
      description: "Simple Repository API of the pinned registries, and pages for people",
      role: "SimpleRole",
      events: routes,
    },
    files: {
      ...front,
      handler: "functions/files.handler",
      description: "Files of the pinned registries: redirects to IPFS gateways, and METADATA of wheels",
      role: "FilesRole",
      events: pinned.map((registry) => route(`/files/${registry}/{proxy+}`)),
    },
    simpleOpen: {
      ...open,
      handler: "functions/simple.handler",
      description: "The same as simple, for registries that nobody pinned",
      role: "SimpleOpenRole",
      events: [{ httpApi: "*" }],
    },
    filesOpen: {
      ...open,
      handler: "functions/files.handler",
      description: "The same as files, for registries that nobody pinned",
      role: "FilesOpenRole",
      events: [route("/files/{proxy+}")],
    },
    sync: { ...common, ...(stage.reservedPinned !== "" && { reservedConcurrency: 1 }), ...syncFunction(pinned) },
  };
};

module.exports.pinned = async ({ resolveVariable }) => (await pinnedOf(resolveVariable)).join(",");

module.exports.hostUrl = async ({ resolveVariable }) => {
  const [domain, certificate] = [await resolveVariable("param:domain"), await resolveVariable("param:certificate")];
  if (domain && !certificate) throw new Error(`domain: ${domain} needs the ARN of its certificate in us-east-1 (certificate)`);
  return domain ? `https://${domain}` : { "Fn::Sub": "https://${Distribution.DomainName}" };
};

// A function that cannot read its denylist does not start, which is better said here than found out afterwards.
module.exports.denylist = async ({ resolveVariable }) => {
  const given = await resolveVariable("param:denylist");
  for (const each of given.split(",").map((each) => each.trim()).filter(Boolean)) {
    if (!DENYLIST.test(each)) throw new Error(`denylist: ${JSON.stringify(each)} is not denylists/NAME.deny`);
    if (!fs.existsSync(path.join(__dirname, "..", each))) throw new Error(`denylist: there is no file ${each}`);
  }
  return given;
};

async function stageOf(resolveVariable) {
  const param = (name) => resolveVariable(`param:${name}`);
  return {
    pinned: await pinnedOf(resolveVariable),
    memory: Number(await param("memory")),
    reservedPinned: await param("reservedPinned"),
    reservedOpen: await param("reservedOpen"),
    snapStart: String(await param("snapStart")) === "true",
    layers: await secrets.layers({ resolveVariable }),
  };
}

async function pinnedOf(resolveVariable) {
  const given = await resolveVariable("param:pinned");
  const pinned = (Array.isArray(given) ? given : given.split(",")).map((each) => each.trim()).filter(Boolean);
  for (const each of pinned) {
    if (!ADDRESS.test(each)) throw new Error(`pinned: ${JSON.stringify(each)} is not 0x and 40 hexadecimal digits`);
  }
  return [...new Set(pinned)];
}

function fixedRoutes() {
  return ["/", "/healthz", "/openapi.json"].map(route);
}

function simpleRoutes(registry) {
  const [page, index] = [`/registry/${registry}`, `/simple/${registry}`];
  // {proxy+} is not sure to match nothing, as in the index's own URL.
  return [page, `${page}/{proxy+}`, index, `${index}/{proxy+}`, `/project/${registry}/{proxy+}`].map(route);
}

function route(path) {
  // Every method, as the application itself answers preflights and refuses what is not offered.
  return { httpApi: { method: "*", path } };
}

function reserved(count) {
  return count === "" ? {} : { reservedConcurrency: Number(count) };
}

function syncFunction(pinned) {
  return {
    handler: "functions/sync.handler",
    description: "Keeps what the servers need while the chain or a gateway cannot be asked",
    role: "SyncRole",
    timeout: 240, // below the schedule's interval
    maximumRetryAttempts: 0, // the next run does what this one did not
    maximumEventAge: 300,
    onError: { "Fn::GetAtt": ["DeadLetters", "Arn"] },
    events: [
      {
        eventBridge: {
          name: "dipmp-${sls:stage}-sync",
          description: "Runs sync",
          schedule: "rate(5 minutes)",
          enabled: pinned.length > 0,
          deadLetterQueueArn: { "Fn::GetAtt": ["DeadLetters", "Arn"] },
          retryPolicy: { maximumEventAge: 300, maximumRetryAttempts: 1 },
        },
      },
    ],
  };
}
