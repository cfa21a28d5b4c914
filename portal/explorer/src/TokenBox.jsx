import { useState } from "react";

/** Where a token is pasted; says why the last one was refused. */
export function TokenBox({ busy, reason, onToken }) {
  const [pasted, setPasted] = useState("");
  const submit = (event) => {
    event.preventDefault();
    onToken(pasted);
  };
  return (
    <form className="token-box" onSubmit={submit} aria-busy={busy}>
      <label htmlFor="token">Access token</label>
      <div className="token-row">
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck="false"
          autoFocus
          placeholder="eyJhbGciOi…"
          aria-invalid={Boolean(reason)}
          aria-describedby={reason ? "token-reason" : undefined}
          value={pasted}
          onChange={(event) => setPasted(event.target.value)}
        />
        <button type="submit" disabled={busy || !pasted.trim()}>
          {busy ? "Checking…" : "Use token"}
        </button>
      </div>
      {reason && (
        <p id="token-reason" className="token-reason" role="alert">
          {reason}
        </p>
      )}
    </form>
  );
}
