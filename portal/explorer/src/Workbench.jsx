// GraphiQL itself, connected as the person who pasted the token.
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { useEffect, useMemo, useRef } from "react";
import { dailyWork } from "./DailyWork.jsx";
import { tabs } from "./tabs.js";
import { connect } from "./transport.js";

const plugins = [dailyWork, explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];
// The others open from the side panel: more tabs than these do not fit.
const defaultTabs = tabs
  .filter(({ group }) => group === tabs[0].group)
  .map(({ query, variables }) => ({ query, variables }));
// What the variables editor accepts for our scalars; without it every JSON object is "wrong".
const customScalarSchemas = {
  JSON: { type: "object" },
  Decimal: { type: "string" },
  DateTime: { type: "string" },
  Date: { type: "string" },
  E164: { type: "string" },
};

function useConnection({ token, customerId, customer, file, refuse }) {
  // Read when a document runs: choosing another customer or file must not reload the schema.
  const chosen = useRef({});
  chosen.current = { behalfOf: customer, file };
  const connection = useMemo(() => {
    const session = {
      token,
      customerId,
      get behalfOf() {
        return chosen.current.behalfOf;
      },
      get file() {
        return chosen.current.file;
      },
    };
    return connect(session, {
      onRefused: () => refuse("The API no longer accepts this token. Paste a new one to go on."),
    });
  }, [token, customerId, refuse]);
  useEffect(() => connection.close, [connection]);
  return connection;
}

export function Workbench({ session }) {
  const { fetcher } = useConnection(session);
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      visiblePlugin={dailyWork}
      defaultTabs={defaultTabs}
      defaultEditorToolsVisibility="variables"
      customScalarSchemas={customScalarSchemas}
      // The token lives in the box at the top; headers typed by hand are not kept either.
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>{null}</GraphiQL.Logo>
    </GraphiQL>
  );
}
