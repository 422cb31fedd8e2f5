/** The figures of versions side by side, over all hooks. */
import type { HookFigures } from "@/api/plugin-watch";

export interface VersionFigures {
  version: string;
  calls: number;
  failures: number;
  /** The slowest hook's p99: a sum over hooks would say nothing. */
  wallMs: number;
}

export function sideBySide(hooks: HookFigures[], versions: string[]): VersionFigures[] {
  return versions.map((version) => {
    const own = hooks.filter((each) => each.version === version);
    return {
      version,
      calls: own.reduce((sum, { calls }) => sum + calls, 0),
      failures: own.reduce((sum, { failures }) => sum + failures, 0),
      wallMs: Math.max(0, ...own.map(({ wallMs }) => wallMs.p99)),
    };
  });
}
