// Who is asking: the pasted token, what it claims, and what the API says about it.
import { ask } from "./transport.js";

// sessionStorage and not localStorage: the token is gone when the tab closes.
const TOKEN_KEY = "warp.token";
const CUSTOMER_KEY = "warp.customer";
const VIEWER = "{ viewer { name email roles customer { id } customers { id name ban } } }";
const CUSTOMERS = "{ customers(first: 100) { nodes { id name ban } } }";

export const stored = {
  token: () => sessionStorage.getItem(TOKEN_KEY),
  customer: () => sessionStorage.getItem(CUSTOMER_KEY),
  keep(token) {
    sessionStorage.setItem(TOKEN_KEY, token);
  },
  keepCustomer(id) {
    sessionStorage.setItem(CUSTOMER_KEY, id);
  },
  forget() {
    sessionStorage.removeItem(TOKEN_KEY);
    sessionStorage.removeItem(CUSTOMER_KEY);
  },
};

/** Base64url as text; throws when it is not. */
function fromBase64Url(text) {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
}

/** Claims of a JWT, unverified: for showing only, the gateway decides. Null when unreadable. */
export function claimsOf(token) {
  try {
    return JSON.parse(fromBase64Url(token.split(".")[1]));
  } catch {
    return null;
  }
}

/** "in 3 h", "40 min ago"; null when the token names no end. */
export function expiryOf(token, now = Date.now()) {
  const end = claimsOf(token)?.exp;
  if (typeof end !== "number") return null;
  const minutes = Math.round((end * 1000 - now) / 60_000);
  const size = Math.abs(minutes);
  const amount =
    size < 90 ? `${size} min` : size < 2880 ? `${Math.round(size / 60)} h` : `${Math.round(size / 1440)} days`;
  return { expired: minutes < 0, text: minutes < 0 ? `${amount} ago` : `in ${amount}` };
}

/** Takes "Bearer x", quotes and line breaks off what was pasted. */
export function cleaned(pasted) {
  return pasted.trim().replace(/^bearer\s+/i, "").replaceAll(/["'\s]/g, "");
}

function whyRefused(token, answer) {
  if (claimsOf(token) === null) return "That does not look like a token: it has three parts, joined by dots.";
  const expiry = expiryOf(token);
  if (expiry?.expired) return `This token expired ${expiry.text}.`;
  return answer.errors[0]?.message ?? `The API refused this token (HTTP ${answer.status}).`;
}

/** The customers a token may act for, and which of them is active. */
async function customersOf(session, viewer) {
  const staff = viewer.roles.includes("STAFF");
  if (!staff || viewer.customers.length > 0) return { staff, customers: viewer.customers };
  const answer = await ask(session, CUSTOMERS);
  return { staff, customers: answer.data?.customers?.nodes ?? [] };
}

/** Asks the API who the token belongs to: `{viewer}` or `{refused: reason}`. */
export async function introduce(token) {
  const session = { token };
  try {
    const answer = await ask(session, VIEWER);
    const viewer = answer.data?.viewer;
    if (!viewer) return { refused: whyRefused(token, answer) };
    return { viewer: { ...viewer, ...(await customersOf(session, viewer)) } };
  } catch {
    return { refused: "The API does not answer. Is the gateway running?" };
  }
}

/** The UUID inside a global id ("Customer:<uuid>" in base64url): what x-customer-id takes. */
export function plainId(globalId) {
  try {
    return fromBase64Url(globalId).split(":").at(-1);
  } catch {
    return globalId;
  }
}
