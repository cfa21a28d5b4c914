import { TokenBox } from "./TokenBox.jsx";

/** The page before anyone is known: one thing to do. */
export function Welcome({ session }) {
  return (
    <main className="welcome">
      <section className="card">
        <h1>Paste a token</h1>
        <p>
          <code>make run</code> prints three: one for each demo customer, one for staff. Elsewhere,
          take the one that your sign-in gave you.
        </p>
        <TokenBox
          busy={session.status === "checking"}
          reason={session.reason}
          onToken={session.useToken}
        />
        <p className="fine">
          It is kept for this browser tab only and sent to this server only.
        </p>
      </section>
    </main>
  );
}
