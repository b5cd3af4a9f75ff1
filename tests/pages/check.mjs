// Opens pages in Chromium and reports what a person would meet. Reads its orders as JSON from stdin, writes JSON to stdout.
//
// {chromium, folder, widths, schemes, pages: [{name, url}], journey: {home, registry, query, project}}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axe = require("axe-core");

const orders = JSON.parse(readFileSync(0, "utf8"));
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const FOCUSABLE = "a[href], button, input, summary";

const browser = await chromium.launch({
  executablePath: orders.chromium,
  headless: true,
  chromiumSandbox: false,
  args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

async function look(page, { name, url }, scheme, width) {
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.isNavigationRequest() && !request.url().startsWith("data:")) complaints.push(`fetched ${request.url()}`);
  });
  const response = await page.goto(url);
  await page.screenshot({ path: join(orders.folder, `${name}-${scheme}-${width}.png`), fullPage: true });
  const closed = await overflowing(page);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
  const open = await overflowing(page);
  await page.evaluate(axe.source);
  const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  return {
    name, scheme, width, status: response.status(), complaints,
    overflowing: [...closed, ...open],
    passes: found.passes.length,
    violations: found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join(" | ")}`),
    unsure: found.incomplete.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join(" | ")}`),
  };
}

const overflowing = (page) => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > width + 1);
  const scrolls = document.documentElement.scrollWidth > width ? ["the page scrolls sideways"] : [];
  return [...scrolls, ...wide.map((node) => node.outerHTML.slice(0, 120))];
});

async function keyboard(page, { name, url }) {
  await page.goto(url);
  const all = await page.evaluate((selector) => {
    const nodes = [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());
    nodes.forEach((node, at) => { node.dataset.at = String(at); });
    return nodes.length;
  }, FOCUSABLE);
  const reached = [], unseen = [];
  for (let step = 0; step < all; step += 1) {
    await page.keyboard.press("Tab");
    const [at, visible, html] = await page.evaluate(() => {
      const node = document.activeElement, style = getComputedStyle(node);
      const visible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      return [Number(node.dataset.at ?? -1), visible, node.outerHTML.slice(0, 120)];
    });
    reached.push(at);
    if (!visible) unseen.push(html);
  }
  return { name, all, reached, unseen };
}

// What somebody without scripts and without a mouse does: open a registry, search it, open a project.
async function journey({ home, registry, query, project }) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(home);
  await page.locator("#registry").focus();
  await page.keyboard.type(registry);
  await Promise.all([page.waitForURL(/\/registry\//), page.keyboard.press("Enter")]);
  const opened = page.url();
  await page.locator("#q").focus();
  await page.keyboard.type(query);
  await Promise.all([page.waitForURL(/\?q=/), page.keyboard.press("Enter")]);
  const names = await page.locator(".names a").allTextContents();
  await page.locator(".names a", { hasText: project }).focus();
  await Promise.all([page.waitForURL(/\/project\//), page.keyboard.press("Enter")]);
  await page.locator("summary").first().focus();
  await page.keyboard.press("Enter");
  const hash = await page.locator("details dd").first().isVisible();
  const result = { opened, names, landed: page.url(), title: await page.title(), hash };
  await context.close();
  return result;
}

const views = [], keys = [];
for (const scheme of orders.schemes) {
  for (const width of orders.widths) {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
    for (const order of orders.pages) {
      const page = await context.newPage();
      views.push(await look(page, order, scheme, width));
      await page.close();
    }
    await context.close();
  }
}
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
for (const order of orders.pages) {
  const page = await context.newPage();
  keys.push(await keyboard(page, order));
  await page.close();
}
const travelled = await journey(orders.journey);
await browser.close();
process.stdout.write(JSON.stringify({ views, keys, journey: travelled }));
