// Side panel with the ready-made documents: each opens in its tab, or in a new one when it was closed.
import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";
import { tabs as readyMade } from "./tabs.js";

const groups = [...new Set(readyMade.map(({ group }) => group))];

function useOpen() {
  const { tabs, activeTabIndex, queryEditor, variableEditor } = useGraphiQL(
    pick("tabs", "activeTabIndex", "queryEditor", "variableEditor"),
  );
  const { addTab, changeTab } = useGraphiQLActions();
  const active = tabs[activeTabIndex]?.operationName;
  useEffect(() => {
    // More tabs than fit: the chosen one must not stay out of sight, nor its end once it has its name.
    const tab = document.getElementById(`graphiql-session-tab-${activeTabIndex}`);
    tab?.closest("li")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [activeTabIndex, active]);
  const open = ({ operation, query, variables }) => {
    const index = tabs.findIndex((tab) => tab.operationName === operation);
    if (index === activeTabIndex) return;
    if (index >= 0) {
      changeTab(index);
      return;
    }
    addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(variables);
  };
  return { active, open };
}

function Panel() {
  const { active, open } = useOpen();
  return (
    <section className="daily" aria-label="Daily work">
      <div className="graphiql-doc-explorer-title">Daily work</div>
      {groups.map((group) => (
        <Group key={group} title={group} active={active} open={open} />
      ))}
    </section>
  );
}

function Group({ title, active, open }) {
  return (
    <>
      <h2>{title}</h2>
      <ol>
        {readyMade.filter(({ group }) => group === title).map((tab) => (
          <li key={tab.operation}>
            <button
              type="button"
              className={tab.operation === active ? "current" : undefined}
              onClick={() => open(tab)}
            >
              <span className={`kind ${tab.kind}`}>{tab.kind}</span>
              <span className="title">{tab.title}</span>
              <span className="hint">{tab.hint}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" height="1em">
      <path strokeLinecap="round" strokeLinejoin="round" d="M4 6.5l1.5 1.5L8 5M4 12.5l1.5 1.5L8 11M4 18.5l1.5 1.5L8 17M12 6.5h8M12 12.5h8M12 18.5h8" />
    </svg>
  );
}

export const dailyWork = { title: "Daily work", icon: Icon, content: Panel };
