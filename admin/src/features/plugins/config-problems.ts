/** What the server says of a form, brought to where it belongs in it. */

/** The first mistake at a path or below it: a list is one field here, and `hosts.2` one line of it. */
export function problemAt(problems: Record<string, string>, path: string): string | undefined {
  return Object.entries(problems).find(([each]) => each === path || each.startsWith(`${path}.`))?.[1];
}

/** What the server says of a configuration, by path below it; of all of it under the empty path. */
export function configProblems(problems: Record<string, { message: string }>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(problems)
      .filter(([path]) => path === "config" || path.startsWith("config."))
      .map(([path, { message }]) => [below(path), message]),
  );
}

/** `config.params.pointer` and the like are of the whole, `config.max` of one field. */
function below(path: string): string {
  const rest = path.slice("config".length + 1);
  return rest.startsWith("params") ? "" : rest;
}

/** The complaints that have a place in a form of a configuration and of limits, and those of its own fields. */
export function placedProblems(problems: Record<string, unknown>, own: string[]): string[] {
  return Object.keys(problems).filter(
    (path) => own.includes(path) || path === "config" || /^(?:config|limits)\./.test(path),
  );
}
