// One customer's story, told through whatever client is given: find, hold, watch, buy, list, give back.
import { randomInt, randomUUID } from "node:crypto";
import { check, documentText } from "./stack.mjs";

const SEARCH = documentText("SearchNumbers");
const RESERVE = documentText("ReserveNumbers");
const WATCH = documentText("WatchReservation");

/** Numbers of any page differ from run to run, so that two clients rarely want the same ones. */
function picked(nodes, count) {
  const rest = nodes.map((node) => node.number);
  return Array.from({ length: count }, () => rest.splice(randomInt(rest.length), 1)[0]);
}

/** Searches and holds `count` numbers. `ask(document, variables)` answers with data or throws. */
export async function hold(ask, { npas = ["303"], count = 2 } = {}) {
  const found = await ask(SEARCH, { input: { npas }, first: 50 });
  const nodes = found.searchInventory.nodes;
  check(nodes.length >= count, `only ${nodes.length} numbers found in ${npas}`);
  const numbers = picked(nodes, count);
  const answer = await ask(RESERVE, { input: { numbers, idempotencyKey: randomUUID() } });
  const { reservation, errors } = answer.reserveNumbers;
  check(errors.length === 0, `reserve: ${JSON.stringify(errors)}`);
  check(reservation.state === "HELD", `the reservation is ${reservation.state}`);
  return { numbers, reservation };
}

/** Collects events until the stream ends by itself; `first` resolves with the snapshot. */
function watch(subscribe, id) {
  const events = [];
  let arrived;
  const first = new Promise((resolve) => (arrived = resolve));
  const done = (async () => {
    for await (const data of subscribe(WATCH, { id })) {
      events.push(data.reservationUpdated);
      arrived(data.reservationUpdated);
    }
    return events;
  })();
  return { first: Promise.race([first, done.then(() => events[0])]), done };
}

async function buy(ask, reservation) {
  const input = {
    reservationId: reservation.id,
    friendlyName: "Bought by a client test",
    maxMonthlyTotal: "100.00",
    idempotencyKey: randomUUID(),
  };
  const { dids, errors } = (await ask(documentText("AssignReservation"), { input })).assignReservation;
  check(errors.length === 0, `assign: ${JSON.stringify(errors)}`);
  return dids;
}

/** Every page of the customer's numbers that are in use. */
async function listed(ask) {
  const all = [];
  let after = null;
  do {
    const variables = { where: { statuses: ["ACTIVE"] }, first: 100, after };
    const { edges, pageInfo } = (await ask(documentText("Numbers"), variables)).dids;
    all.push(...edges.map((edge) => edge.node));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after);
  return all;
}

async function giveBack(ask, dids) {
  const input = {
    didIds: dids.map((did) => did.id),
    reason: "The client test is over",
    idempotencyKey: randomUUID(),
  };
  const answer = (await ask(documentText("ReleaseNumbers"), { input })).releaseDids;
  check(answer.errors.length === 0, `release: ${JSON.stringify(answer.errors)}`);
  const left = answer.dids.filter((did) => !["RELEASING", "DISCONNECTED"].includes(did.status));
  check(left.length === 0, `still there: ${JSON.stringify(left)}`);
}

/**
 * The whole story. `ask(document, variables)` → data; `subscribe(document, variables)` → async
 * iterable of data. Returns a sentence about what was seen.
 */
export async function story({ ask, subscribe }, { npas }) {
  const { viewer } = await ask(documentText("Viewer"), {});
  check(viewer.customer?.name, "the viewer has no customer");
  const { numbers, reservation } = await hold(ask, { npas });

  const watched = watch(subscribe, reservation.id);
  const snapshot = await watched.first;
  check(snapshot?.id === reservation.id, "the first event is not this reservation");

  const dids = await buy(ask, reservation);
  const bought = dids.map((did) => did.number).sort();
  check(String(bought) === String([...numbers].sort()), `bought ${bought}, held ${numbers}`);

  const events = await watched.done;
  const sequences = events.map((event) => event.sequence);
  check(events.at(-1).state === "DONE", `the stream ended at ${events.at(-1).state}`);
  check(sequences.every((n, i) => i === 0 || n > sequences[i - 1]), `not in order: ${sequences}`);

  const mine = await listed(ask);
  check(bought.every((number) => mine.some((did) => did.number === number)), "bought, not listed");
  await giveBack(ask, dids);
  return `${numbers.length} numbers, ${events.length} events`;
}
