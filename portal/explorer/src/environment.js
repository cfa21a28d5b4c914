// Which installation this page talks to, so that nobody buys numbers in the wrong one.
const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function environment() {
  const told = document.querySelector('meta[name="warp-environment"]')?.content;
  if (told) return told;
  return LOCAL.has(location.hostname) ? "local" : location.hostname;
}

/** Colour of the badge: calm where nothing costs money, loud in production. */
export function tone(name) {
  if (/prod/i.test(name)) return "danger";
  if (/local|dev|test/i.test(name)) return "calm";
  return "careful";
}
