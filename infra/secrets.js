"use strict";
// What functions need to read the secrets that a stage's `ethGateway` names as ssm:/NAME: the parameters, and the layer of
// the extension that hands them out. A stage without secrets gets neither.

const SECRET = /^ssm:(\/[A-Za-z0-9_.\/-]+)$/;

/** ARNs of the layers. */
module.exports.layers = async ({ resolveVariable }) => {
  const param = (name) => resolveVariable(`param:${name}`);
  if ((await namesOf(resolveVariable)).length === 0) return [];
  const given = await param("secretsLayer");
  if (given) return [given];
  const region = await resolveVariable("opt:region, param:region");
  const known = await resolveVariable("file(infra/secrets-extension.yml)");
  const account = known.accounts[region];
  if (!account) throw new Error(`infra/secrets-extension.yml has no layer for ${region}: set secretsLayer to its ARN`);
  const suffix = (await param("architecture")) === "arm64" ? "-Arm64" : "";
  return [`arn:aws:lambda:${region}:${account}:layer:${known.name}${suffix}:${known.version}`];
};

/** The statement of a role that may read the parameters. */
module.exports.statement = async ({ resolveVariable }) => {
  const names = await namesOf(resolveVariable);
  if (names.length === 0) return { Ref: "AWS::NoValue" };
  return { Sid: "ReadSecrets", Effect: "Allow", Action: "ssm:GetParameter", Resource: names.map(arnOf) };
};

async function namesOf(resolveVariable) {
  const items = (await resolveVariable("param:ethGateway")).split(",").map((item) => item.trim());
  const secret = items.filter((item) => item.startsWith("ssm:"));
  for (const item of secret) {
    if (!SECRET.test(item)) throw new Error(`ethGateway: ${JSON.stringify(item)} is not ssm:/ and a parameter's name`);
  }
  return [...new Set(secret)].map((item) => SECRET.exec(item)[1]);
}

function arnOf(name) {
  return { "Fn::Sub": `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${name}` };
}
