// The page's one piece of state: no token, checking it, ready, or refused.
import { useCallback, useEffect, useState } from "react";
import { cleaned, introduce, plainId, stored } from "./session.js";

const EMPTY = { status: "empty", token: null, viewer: null, reason: null, customer: null, file: null };

/** The customer to start with: the one chosen before, else the token's own, else none. */
function startingCustomer(viewer) {
  const known = (id) => viewer.customers.some((customer) => customer.id === id);
  const chosen = stored.customer();
  if (chosen && known(chosen)) return chosen;
  if (viewer.staff) return null;
  return viewer.customer?.id ?? viewer.customers[0]?.id ?? null;
}

export function useSession() {
  const [session, setSession] = useState(EMPTY);

  const useToken = useCallback(async (pasted) => {
    const token = cleaned(pasted);
    if (!token) return;
    setSession((last) => ({ ...last, status: "checking", reason: null }));
    const { viewer, refused } = await introduce(token);
    if (refused) {
      setSession((last) => ({ ...last, status: "refused", reason: refused }));
      return;
    }
    stored.keep(token);
    const customer = startingCustomer(viewer);
    setSession((last) => ({ ...last, status: "ready", token, viewer, reason: null, customer }));
  }, []);

  useEffect(() => {
    const token = stored.token();
    if (token) useToken(token);
  }, [useToken]);

  return {
    ...session,
    // Staff name a customer in the input; everyone else acts for one customer at a time.
    customerId: session.viewer?.staff || !session.customer ? null : plainId(session.customer),
    useToken,
    chooseCustomer: useCallback((customer) => {
      stored.keepCustomer(customer ?? "");
      setSession((last) => ({ ...last, customer }));
    }, []),
    chooseFile: useCallback((file) => setSession((last) => ({ ...last, file })), []),
    refuse: useCallback((reason) => {
      setSession((last) => (last.token ? { ...last, status: "refused", reason } : last));
    }, []),
    forget: useCallback(() => {
      stored.forget();
      setSession(EMPTY);
    }, []),
  };
}
