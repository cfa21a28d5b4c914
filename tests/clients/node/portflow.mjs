// A port, as far as a customer comes by themselves: project, file, live validation, fixes, cancellation.
import { randomInt, randomUUID } from "node:crypto";
import { check, documentText } from "./stack.mjs";

const HEADER = "telephone_number,lsp_name,lsp_spid,btn,account_number,pin,notes";

/** A file of `count` good numbers and one whose BTN the carrier will not accept. */
function portFile(npa, count) {
  const exchange = `${npa}${randomInt(300, 700)}`;
  const rows = Array.from({ length: count }, (_, at) => `${exchange}${4000 + at}`);
  const lines = [...rows, `${exchange}9101`].map((tn) => `${tn},Verizon,6529,${exchange}4000,ACC-9876,,`);
  return { text: [HEADER, ...lines, ""].join("\r\n"), numbers: lines.length };
}

async function created(ask) {
  const input = {
    name: `Port by a client test ${randomUUID().slice(0, 8)}`,
    losingCarrier: "Verizon",
    authorizedPerson: "John Doe",
    authorizedTitle: "CEO",
    idempotencyKey: randomUUID(),
  };
  const { project, errors } = (await ask(documentText("CreatePortProject"), { input })).createPortProject;
  check(errors.length === 0, `create: ${JSON.stringify(errors)}`);
  return project;
}

async function uploaded(ask, project, file) {
  const input = { projectId: project.id, file, idempotencyKey: randomUUID() };
  const { report, errors } = (await ask(documentText("UploadPortFile"), { input })).uploadPortFile;
  check(errors.length === 0, `upload: ${JSON.stringify(errors)}`);
  return report;
}

/** Every event of a validation, from `after` or the snapshot to the end. */
async function validated(subscribe, project, after) {
  const events = [];
  for await (const data of subscribe(documentText("WatchPortValidation"), { projectId: project.id, after })) {
    events.push(data.portValidationProgress);
  }
  const sequences = events.map((event) => event.sequence);
  check(sequences.every((n, i) => i === 0 || n === sequences[i - 1] + 1), `not without gaps: ${sequences}`);
  return events;
}

async function fixed(ask, project) {
  const input = { projectId: project.id, idempotencyKey: randomUUID() };
  const answer = (await ask(documentText("ApplySuggestedFixes"), { input })).applySuggestedFixes;
  check(answer.errors.length === 0, `fixes: ${JSON.stringify(answer.errors)}`);
  return answer.changes;
}

/**
 * The whole story. `ask(document, variables)` → data, variables may hold a File; `subscribe` as in
 * flow.mjs. Returns a sentence about what was seen.
 */
export async function portStory({ ask, subscribe }, { npa }) {
  const project = await created(ask);
  const { text, numbers } = portFile(npa, 4);
  const report = await uploaded(ask, project, new File([text], "numbers.csv", { type: "text/csv" }));
  check(report.validCount === numbers, `only ${report.validCount} of ${numbers} rows are valid`);

  const events = await validated(subscribe, project);
  check(events.at(-1).status === "NEEDS_FIXES", `validation ended at ${events.at(-1).status}`);
  check(events.at(-1).invalidCount === 1, `${events.at(-1).invalidCount} invalid`);

  const { errorGroups } = (await ask(documentText("PortErrors"), { id: project.id })).portProject;
  check(errorGroups.some((group) => group.code === "BTN_MISMATCH" && group.fixable), "no BTN mismatch");
  const changes = await fixed(ask, project);
  check(changes.length === 1 && changes[0].field === "btn", `changed ${JSON.stringify(changes)}`);

  const again = await validated(subscribe, project, events.at(-1).sequence);
  check(again.at(-1).status === "VALIDATED", `after the fix: ${again.at(-1).status}`);

  const input = { projectId: project.id, reason: "The client test is over", idempotencyKey: randomUUID() };
  const ended = (await ask(documentText("CancelPortProject"), { input })).cancelPortProject;
  check(ended.errors.length === 0, `cancel: ${JSON.stringify(ended.errors)}`);
  return `${numbers} numbers, ${events.length + again.length} events`;
}
