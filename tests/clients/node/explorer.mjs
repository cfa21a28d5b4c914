// Drives the built explorer in a real browser: token box, a query, a subscription, a port, the policy.
// CHROMIUM names the browser, PICTURES (optional) a directory for screenshots.
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { hold } from "./flow.mjs";
import { check, dev, post, program } from "./stack.mjs";

const origin = new URL(dev.explorerUrl).origin;
const staff = dev.tokens.staff;

/** The sample file with numbers of its own: those of the page may be ported already. */
function portFile() {
  const text = readFileSync(new URL("../../../docs/samples/numbers.csv", import.meta.url), "utf8");
  const buffer = Buffer.from(text.replace(/^30344[12]/gm, `303${randomInt(720, 800)}`));
  return { name: "numbers.csv", mimeType: "text/csv", buffer };
}

/** Loads the page in a fresh profile, recording all that must not happen. */
async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const seen = { foreign: [], errors: [] };
  const foreign = (url) => !/^(data|blob):/.test(url) && new URL(url).host !== new URL(origin).host;
  page.on("request", (request) => foreign(request.url()) && seen.foreign.push(request.url()));
  page.on("websocket", (socket) => foreign(socket.url()) && seen.foreign.push(socket.url()));
  page.on("console", (said) => said.type() === "error" && seen.errors.push(said.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  await page.goto(dev.explorerUrl);
  return { page, seen };
}

async function picture(page, name) {
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`) });
}

async function giveToken(page, token) {
  await page.getByLabel("Access token").fill(token);
  await page.getByRole("button", { name: "Use token" }).click();
}

/** Opens a ready-made document from the side panel. */
async function choose(page, title) {
  await page.getByRole("button", { name: title }).click();
}

async function setVariables(page, variables) {
  const text = JSON.stringify(variables, null, 2);
  await page.evaluate((value) => {
    const model = globalThis.__MONACO.editor
      .getModels()
      .find((candidate) => candidate.uri.path.endsWith("variables.json"));
    model.setValue(value);
  }, text);
}

function response(page) {
  return page.evaluate(
    () =>
      globalThis.__MONACO.editor
        .getModels()
        .find((candidate) => candidate.uri.path.endsWith("response.json"))
        ?.getValue() ?? "",
  );
}

/** Waits until `look()` gives something that is `enough`. */
async function until(page, look, enough, complaint) {
  const deadline = Date.now() + 45_000;
  for (;;) {
    const seen = await look();
    if (enough(seen)) return;
    check(Date.now() < deadline, `${complaint}: ${seen}`);
    await page.waitForTimeout(100);
  }
}

async function run(page, expected) {
  await page.locator(".graphiql-execute-button").click();
  const enough = (said) => said.includes(expected);
  await until(page, () => response(page), enough, `no ${expected} in the answer`);
}

async function refusals(browser) {
  const { page } = await open(browser);
  await page.getByText("Paste a token").waitFor();
  await picture(page, "empty");
  await giveToken(page, "not-a-token");
  await page.getByRole("alert").filter({ hasText: "three parts" }).waitFor();
  const past = Buffer.from(JSON.stringify({ exp: 1_700_000_000 })).toString("base64url");
  await giveToken(page, `eyJhbGciOiJIUzI1NiJ9.${past}.bm90LW91cnM`);
  await page.getByRole("alert").filter({ hasText: "expired" }).waitFor();
  await picture(page, "refused");
  await page.context().close();
}

async function work(browser, reservationId) {
  const { page, seen } = await open(browser);
  await giveToken(page, staff);
  await page.locator(".graphiql-execute-button").waitFor();
  await page.locator(".graphiql-container .mtk1").first().waitFor();
  await run(page, '"permissions"');
  await picture(page, "query");

  await choose(page, "Search the carrier's inventory");
  await run(page, '"nationalFormat"');
  await picture(page, "search");

  await choose(page, "Watch a reservation as it changes");
  await setVariables(page, { id: reservationId });
  await run(page, '"sequence"');
  await picture(page, "subscription");

  // Monaco starts them when they are first needed.
  await until(page, () => page.workers().length, (count) => count === 3, "3 workers expected");
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
  check(!kept.includes(staff), "the token reached localStorage");
  check(seen.foreign.length === 0, `asked elsewhere: ${seen.foreign.join(", ")}`);
  check(seen.errors.length === 0, `console errors:\n${seen.errors.join("\n")}`);
  await page.context().close();
}

/** Placeholders become the chosen customer and a fresh key, in the request and not in the editor. */
async function onBehalf(browser) {
  const { page } = await open(browser);
  await giveToken(page, staff);
  const picker = page.getByLabel("On behalf of");
  await picker.selectOption({ index: 1 });
  await page.locator(".graphiql-container .mtk1").first().waitFor();
  await choose(page, "Reserve numbers for a customer");
  const sent = page.waitForRequest((request) => request.postData()?.includes("ReserveNumbersInput!"));
  await page.locator(".graphiql-execute-button").click();
  const { input } = (await sent).postDataJSON().variables;
  check(input.customerId === (await picker.inputValue()), `customerId was ${input.customerId}`);
  check(/^[0-9a-f-]{36}$/.test(input.idempotencyKey), `idempotencyKey was ${input.idempotencyKey}`);
  await page.context().close();
}

/** The first steps of a port: the file at the top takes the place of "<file>". */
async function port(browser) {
  const { page, seen } = await open(browser);
  await giveToken(page, dev.tokens.customerB);
  await page.locator(".graphiql-container .mtk1").first().waitFor();
  await choose(page, "Check a port file");
  await run(page, "Choose a file at the top");
  await page.getByLabel("File for uploads").setInputFiles(portFile());
  await run(page, '"totalCount": 9');
  const { report } = JSON.parse(await response(page)).data.lintPortFile;
  const counts = [report.validCount, report.invalidCount, report.duplicateCount, report.blankCount];
  check(counts.join() === "7,1,1,0", `counts were ${counts}`);
  await picture(page, "port-file");

  await choose(page, "Create a port project");
  await run(page, '"DRAFT"');
  const { createPortProject } = JSON.parse(await response(page)).data;
  await choose(page, "Upload the numbers to port");
  const input = { projectId: createPortProject.project.id, file: "<file>", idempotencyKey: "<new key>" };
  await setVariables(page, { input });
  await run(page, '"VALIDATING"');
  await picture(page, "port-upload");
  check(seen.errors.length === 0, `console errors:\n${seen.errors.join("\n")}`);
  await page.context().close();
}

/** A token that ends while someone works: told above the workbench, which stays as it is. */
async function endedToken(browser) {
  const { page } = await open(browser);
  await giveToken(page, staff);
  await page.locator(".graphiql-container .mtk1").first().waitFor();
  const refusal = { errors: [{ message: "The token is not valid or has expired." }] };
  await page.route("**/graphql", (route) => route.fulfill({ status: 401, json: refusal }));
  await page.locator(".graphiql-execute-button").click();
  await page.getByRole("alert").filter({ hasText: "no longer accepts" }).waitFor();
  await picture(page, "ended");
  await page.unroute("**/graphql");
  await giveToken(page, staff);
  await page.locator(".refused").waitFor({ state: "detached" });
  await run(page, '"permissions"');
  await page.context().close();
}

async function darkPicture(browser) {
  if (!process.env.PICTURES) return;
  const { page } = await open(browser, { colorScheme: "dark" });
  await picture(page, "empty-dark");
  await giveToken(page, staff);
  await page.locator(".graphiql-container .mtk1").first().waitFor();
  await run(page, '"permissions"');
  await picture(page, "query-dark");
  await page.context().close();
}

await program("explorer", async () => {
  const { reservation } = await hold((document, variables) =>
    post(dev.tokens.customerA, document, variables),
  );
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    await refusals(browser);
    await work(browser, reservation.id);
    await onBehalf(browser);
    await port(browser);
    await endedToken(browser);
    await darkPicture(browser);
  } finally {
    await browser.close();
  }
});
