// GraphQL multipart requests: `operations`, `map`, then the files that the variables hold.

/** The variables with null for each file, and the files by the path that they were taken from. */
export function withoutFiles(value, path = "variables") {
  if (value instanceof File) return { value: null, files: [[path, value]] };
  if (value === null || typeof value !== "object") return { value, files: [] };
  const files = [];
  const emptied = (item, key) => {
    const found = withoutFiles(item, `${path}.${key}`);
    files.push(...found.files);
    return found.value;
  };
  const left = Array.isArray(value)
    ? value.map(emptied)
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, emptied(item, key)]));
  return { value: left, files };
}

/** The body of a request with files. */
export function multipart({ query, operationName }, variables, files) {
  const form = new FormData();
  form.set("operations", JSON.stringify({ query, operationName, variables }));
  form.set("map", JSON.stringify(Object.fromEntries(files.map(([path], at) => [at, [path]]))));
  files.forEach(([, file], at) => form.set(String(at), file, file.name));
  return form;
}
