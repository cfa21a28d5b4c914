import { environment, tone } from "./environment.js";
import { FilePicker } from "./FilePicker.jsx";
import { expiryOf } from "./session.js";

const ROLES = {
  VIEWER: "viewer",
  BILLING: "billing",
  DEVELOPER: "developer",
  CUSTOMER_ADMIN: "customer admin",
  STAFF: "staff",
};

function Brand() {
  const name = environment();
  return (
    <div className="brand">
      <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="26" height="26" />
      <strong>WARP Numbers</strong>
      <span className="subtitle">API explorer</span>
      <span className={`badge ${tone(name)}`} title="The installation that this page talks to">
        {name}
      </span>
    </div>
  );
}

function CustomerPicker({ session }) {
  const { viewer, customer, chooseCustomer } = session;
  if (viewer.customers.length === 0) return null;
  return (
    <label className="picker">
      <span>{viewer.staff ? "On behalf of" : "Customer"}</span>
      <select
        value={customer ?? ""}
        onChange={(event) => chooseCustomer(event.target.value || null)}
      >
        {viewer.staff && <option value="">choose…</option>}
        {viewer.customers.map(({ id, name, ban }) => (
          <option key={id} value={id} title={`BAN ${ban}`}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Person({ session }) {
  const { viewer, token, forget } = session;
  const expiry = expiryOf(token);
  return (
    <div className="person">
      <span className="name">{viewer.name ?? viewer.email ?? "unnamed"}</span>
      <span className="role">{viewer.roles.map((role) => ROLES[role] ?? role).join(", ")}</span>
      {expiry && (
        <span className={expiry.expired ? "expiry late" : "expiry"}>
          token {expiry.expired ? `expired ${expiry.text}` : `ends ${expiry.text}`}
        </span>
      )}
      <button type="button" onClick={forget}>
        Change token
      </button>
    </div>
  );
}

export function Header({ session }) {
  return (
    <header className="bar">
      <Brand />
      {session.viewer && (
        <div className="who">
          <CustomerPicker session={session} />
          <FilePicker file={session.file} choose={session.chooseFile} />
          <Person session={session} />
        </div>
      )}
    </header>
  );
}
