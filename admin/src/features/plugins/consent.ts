/** Whether a plugin was given what it asks for, capability by capability, and in which words. */
import type { Grants, Plugin } from "@/api/types";
import { formatList } from "@/format";
import { type PlainKey, t } from "@/i18n";

export interface Consent {
  /** `free` needs no grant, `missing` was not given; of `unknown` this dashboard cannot tell. */
  state: "free" | "given" | "missing" | "unknown";
  /** What exactly was given, one text each. */
  lines: string[];
}

const verbs: Record<string, PlainKey> = {
  list: "rule.list",
  view: "rule.view",
  create: "rule.create",
  update: "rule.update",
  delete: "rule.delete",
};

const given: Record<string, (grants: Grants) => string[]> = {
  records: ({ records = [] }) =>
    records.map((grant) =>
      t(grant.as === "plugin" ? "consent.recordsPlugin" : "consent.recordsCaller", {
        collection: grant.collection,
        verbs: formatList(grant.verbs.map((verb) => (verbs[verb] ? t(verbs[verb]).toLowerCase() : verb))),
      }),
    ),
  "http-client": ({ http }) =>
    (http?.hosts ?? []).map((host) =>
      t("consent.http", { host, methods: formatList(http?.methods ?? ["GET"]) }),
    ),
  secrets: ({ secrets = [], signing = [] }) => [
    ...secrets.map((name) => t("consent.secret", { name })),
    ...signing.map((name) => t("consent.signing", { name })),
  ],
  mail: ({ mail }) => {
    if (!mail) return [];
    if (mail.to === "any") return [t("consent.mailAny")];
    if (mail.to === "users") return [t("consent.mailUsers")];
    return mail.to.length > 0 ? [t("consent.mailList", { addresses: formatList(mail.to) })] : [];
  },
  realtime: ({ realtime = [] }) => realtime,
  files: ({ files = [] }) =>
    files.map((verb) => t(verb === "read" ? "grants.filesRead" : "grants.filesWrite")),
  clock: ({ clock }) => (clock ? [t("grants.clock")] : []),
  random: ({ random }) => (random ? [t("grants.random")] : []),
};

/** What every plugin may have: it reaches nothing that is not its own. */
const free = new Set(["log", "kv", "runtime"]);

export function consentOf(capability: string, grants: Grants | undefined): Consent {
  if (free.has(capability)) return { state: "free", lines: [] };
  const words = given[capability];
  if (!words || !grants) return { state: "unknown", lines: [] };
  const lines = words(grants);
  return { state: lines.length > 0 ? "given" : "missing", lines };
}

/** What has a part in the grants: asked for by this name, an admin decides. */
export function isGranted(capability: string): boolean {
  return capability in given;
}

/** What the author says that it needs, as far as it can be filled in: any collection is no collection to grant. */
export function requested({ manifest }: Plugin): Grants | null {
  const requests = manifest?.requests;
  if (!requests || Object.keys(requests).length === 0) return null;
  const records = (requests.records ?? []).filter(({ collection }) => collection !== "*");
  const { records: _all, ...others } = requests;
  return {
    ...others,
    ...(records.length > 0 && {
      records: records.map(({ collection, verbs: asked, as }) => ({
        collection,
        verbs: asked ?? Object.keys(verbs),
        as: as ?? "caller",
      })),
    }),
  };
}
