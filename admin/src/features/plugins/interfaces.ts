/** Names of WIT interfaces, taken apart: `tinybase:plugin/records@0.1.0`. */

/** The short name of an interface: `records` out of `tinybase:plugin/records@0.1.0`. */
export function interfaceName(full: string): string {
  const path = full.split("@")[0] ?? full;
  return path.slice(path.lastIndexOf("/") + 1);
}

export interface Package {
  /** `tinybase:plugin@0.1.0`, or nothing for names that belong to none. */
  name: string;
  interfaces: string[];
}

/** Interfaces by the package they are of, both in the order of their names. */
export function byPackage(names: string[]): Package[] {
  const packages = new Map<string, string[]>();
  for (const full of names) {
    const [path = full, version] = full.split("@");
    const slash = path.lastIndexOf("/");
    const owner = slash < 0 ? "" : path.slice(0, slash) + (version ? `@${version}` : "");
    packages.set(owner, [...(packages.get(owner) ?? []), path.slice(slash + 1)]);
  }
  return [...packages]
    .map(([name, interfaces]) => ({ name, interfaces: [...new Set(interfaces)].sort() }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** What a language's runtime needs, which the host fills with stubs. */
export function isRuntime(name: string): boolean {
  return name === "runtime" || name === "wasi" || name.startsWith("wasi:");
}

/** Against which version of the host's own contract a component was built; one that imports nothing fits any. */
export function contractVersion(imports: string[]): string | null {
  return imports.find((name) => name.startsWith("tinybase:plugin/"))?.split("@")[1] ?? null;
}
