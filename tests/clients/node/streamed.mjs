// A callback API (next, error, complete) as an async iterable.

/** `start(sink)` begins the stream; iteration ends with it, or throws its error. */
export async function* streamed(start) {
  const waiting = [];
  let wake = () => {};
  let end = null;
  const push = (value) => {
    waiting.push(value);
    wake();
  };
  const finish = (error) => {
    end = { error };
    wake();
  };
  start({ next: push, error: (error) => finish(error), complete: () => finish(null) });
  for (;;) {
    while (waiting.length > 0) yield waiting.shift();
    if (end?.error) throw end.error;
    if (end) return;
    await new Promise((resolve) => (wake = resolve));
  }
}
