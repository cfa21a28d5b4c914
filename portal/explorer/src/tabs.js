// The ready-made documents: one .graphql file each, variables beside it, in the order of the names.
// Below 20: numbers; below 50: porting; above: for staff.
const documents = import.meta.glob("./tabs/*.graphql", { query: "?raw", import: "default", eager: true });
const variables = import.meta.glob("./tabs/*.json", { query: "?raw", import: "default", eager: true });

/** First comment line of a document: its title; the other ones say how to use it. */
function described(query) {
  const comments = query.split("\n").filter((line) => line.startsWith("#"));
  const [title, ...rest] = comments.map((line) => line.replace(/^#\s?/, ""));
  return { title, hint: rest.join(" ") };
}

/** The heading under which a document stands, by the number of its file. */
function groupOf(path) {
  const number = Number(/(\d+)-/.exec(path)[1]);
  return number < 20 ? "Numbers" : number < 50 ? "Porting" : "Staff";
}

export const tabs = Object.keys(documents)
  .sort()
  .map((path) => ({
    group: groupOf(path),
    query: documents[path].trimEnd(),
    variables: (variables[path.replace(/\.graphql$/, ".json")] ?? "").trimEnd(),
    operation: /^(query|mutation|subscription)\s+(\w+)/m.exec(documents[path])[2],
    kind: /^(query|mutation|subscription)\s/m.exec(documents[path])[1],
    ...described(documents[path]),
  }));
