/** The first mistake at a path or below it: a list is one field here, and `hosts.2` one line of it. */
export function problemAt(problems: Record<string, string>, path: string): string | undefined {
  return Object.entries(problems).find(([each]) => each === path || each.startsWith(`${path}.`))?.[1];
}
