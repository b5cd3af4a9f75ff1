// A CloudFront Function (JavaScript runtime 2.0), run before the cache is looked at. Every installer has an Accept header of
// its own for the same page; here it becomes one of few, chosen as the application would (dipmp_lib/simple_api/formats.py).
// docs/http-api.md, "Formats", has the rules.

const JSON_PAGE = ["application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json"];
const HTML_PAGE = ["application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.latest+html"];
const HTML = ["text/html"];
const FORMATS = [JSON_PAGE, HTML_PAGE, HTML]; // in order of preference
const MAX_HEADER = 4096;
const MAX_ITEMS = 64;
const RANGE = /^[a-z0-9!#$%&'*+.^_`|~-]+\/[a-z0-9!#$%&'*+.^_`|~-]+$/;
const WEIGHT = /^(?:(?:0|1)(?:\.[0-9]*)?|\.[0-9]+)$/;
const RESUMED = /^\s*bytes\s*=\s*0*[1-9]/i;

function handler(event) {
  const request = event.request;
  request.headers.accept = { value: canonical(request) };
  if (/^\/(?:simple|files)\//.test(request.uri)) {
    request.querystring = {}; // means nothing there, and would only get around the cache
  }
  return request;
}

function canonical(request) {
  const accept = joined(request.headers.accept);
  if (request.uri.indexOf("/simple/") === 0) return negotiate(accept);
  // The rest of a file comes from another gateway than its beginning did, so it is not to be answered from the cache.
  if (request.uri.indexOf("/files/") === 0) {
    return RESUMED.test(joined(request.headers.range)) ? "application/octet-stream" : "*/*";
  }
  return wantsHtml(accept) ? "text/html" : "*/*";
}

function joined(header) {
  if (!header) return "";
  return header.multiValue ? header.multiValue.map((each) => each.value).join(", ") : header.value;
}

function negotiate(accept) {
  const ranges = weighted(accept).filter((range) => RANGE.test(range.name));
  if (ranges.length === 0) return "text/html";
  let best = { weight: 0 };
  FORMATS.forEach((names, order) => {
    const scored = score(names, order, ranges);
    if (better(scored, best)) best = scored;
  });
  return best.weight > 0 ? best.name : "text/html";
}

function score(names, order, ranges) {
  const groups = [["*/*"], [names[0].split("/")[0] + "/*"], names];
  for (let specificity = 2; specificity >= 0; specificity--) {
    const weights = ranges.filter((range) => groups[specificity].indexOf(range.name) >= 0).map((range) => range.weight);
    if (weights.length > 0) {
      const preference = specificity === 0 && names === HTML ? 1 : -order;
      return { name: names[0], weight: Math.max.apply(null, weights), specificity: specificity, preference: preference };
    }
  }
  return { name: names[0], weight: 0, specificity: 0, preference: 0 };
}

function better(one, other) {
  if (one.weight !== other.weight) return one.weight > other.weight;
  if (one.specificity !== other.specificity) return one.specificity > other.specificity;
  return one.preference > other.preference;
}

function wantsHtml(accept) {
  const ranges = weighted(accept);
  const weights = {};
  ranges.forEach((range) => {
    weights["." + range.name] = range.weight;
  });
  const html = weights[".text/html"] || 0;
  return html > 0 && Object.keys(weights).every((name) => weights[name] <= html);
}

function weighted(header) {
  const found = [];
  const items = header.slice(0, MAX_HEADER).toLowerCase().split(",").slice(0, MAX_ITEMS);
  items.forEach((item) => {
    const parts = item.split(";").map(trimmed);
    const weight = weightOf(parts.slice(1));
    if (parts[0] !== "" && weight !== null) found.push({ name: parts[0], weight: weight });
  });
  return found;
}

function weightOf(parameters) {
  for (let at = 0; at < parameters.length; at++) {
    const equals = parameters[at].indexOf("=");
    const key = equals < 0 ? parameters[at] : parameters[at].slice(0, equals);
    if (trimmed(key) === "q") {
      const value = equals < 0 ? "" : trimmed(parameters[at].slice(equals + 1));
      return WEIGHT.test(value) ? Math.min(parseFloat(value), 1) : null;
    }
  }
  return 1;
}

function trimmed(text) {
  return text.replace(/^[\s\x85]+|[\s\x85]+$/g, "");
}
