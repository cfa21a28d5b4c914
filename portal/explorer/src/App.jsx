import { Header } from "./Header.jsx";
import { TokenBox } from "./TokenBox.jsx";
import { Welcome } from "./Welcome.jsx";
import { Workbench } from "./Workbench.jsx";
import { useSession } from "./useSession.js";

/** Shown over a running workbench when its token stops working: nothing on the page is lost. */
function Refused({ session }) {
  return (
    <div className="refused">
      <TokenBox
        busy={session.status === "checking"}
        reason={session.reason}
        onToken={session.useToken}
      />
    </div>
  );
}

export function App() {
  const session = useSession();
  return (
    <div className="page">
      <Header session={session} />
      {session.viewer && session.status !== "ready" && <Refused session={session} />}
      {session.viewer ? <Workbench session={session} /> : <Welcome session={session} />}
    </div>
  );
}
