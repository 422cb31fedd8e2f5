/** What would change for a server if it called another version of a plugin. */
import type { Plugin } from "@/api/types";
import { interfaceName, isRuntime } from "./interfaces";

export interface Change {
  name: string;
  kind: "added" | "removed" | "kept";
}

export interface VersionDiff {
  exports: Change[];
  capabilities: Change[];
  imports: Change[];
  sizeDelta: number;
  /** The very same component under another number. */
  same: boolean;
}

export function versionDiff(from: Plugin, to: Plugin): VersionDiff {
  const own = (names: string[]) => names.filter((name) => !isRuntime(name));
  return {
    exports: changes(from.exports.map(interfaceName), to.exports.map(interfaceName)),
    capabilities: changes(own(from.capabilities), own(to.capabilities)),
    imports: changes(from.imports, to.imports),
    sizeDelta: to.size - from.size,
    same: from.sha256 === to.sha256,
  };
}

/** What a version asks for that the other did not. */
export function asksMore(from: Plugin, to: Plugin): string[] {
  return versionDiff(from, to)
    .capabilities.filter(({ kind }) => kind === "added")
    .map(({ name }) => name);
}

/**
 * A newer version that is not called because it asks for more than the one that is, because a key has uploaded it, or because it
 * was not called at once: what was configured did not fit it then.
 */
export function waitingVersion(plugin: Plugin, versions: Plugin[]): Plugin | null {
  const newest = [...versions].sort((a, b) => Number(b.version) - Number(a.version))[0];
  if (!newest || !(Number(newest.version) > Number(plugin.version))) return null;
  const kept = neverCalled(newest) && plugin.canary?.version !== newest.version;
  return newest.approved === false || kept || asksMore(plugin, newest).length > 0 ? newest : null;
}

/** Neither when it was uploaded nor since. */
export function neverCalled({ activated }: Plugin): boolean {
  return activated === "";
}

function changes(from: string[], to: string[]): Change[] {
  const names = [...new Set([...from, ...to])].sort();
  return names.map((name) => ({
    name,
    kind: !from.includes(name) ? "added" : !to.includes(name) ? "removed" : "kept",
  }));
}
