/** What a plugin can ask for, one entry per capability, as a consent list puts it. */
import type { LucideIcon } from "lucide-react";
import {
  Archive,
  Clock,
  Cpu,
  Database,
  Dices,
  File,
  Globe,
  KeyRound,
  Mail,
  PackageOpen,
  Radio,
  ScrollText,
} from "lucide-react";
import { type PlainKey, t } from "@/i18n";
import { interfaceName, isRuntime } from "./interfaces";

interface Known {
  icon: LucideIcon;
  label: PlainKey;
  text: PlainKey;
}

const known: Record<string, Known> = {
  log: { icon: ScrollText, label: "capability.log", text: "capability.logText" },
  records: { icon: Database, label: "capability.records", text: "capability.recordsText" },
  kv: { icon: Archive, label: "capability.kv", text: "capability.kvText" },
  secrets: { icon: KeyRound, label: "capability.secrets", text: "capability.secretsText" },
  "http-client": { icon: Globe, label: "capability.http", text: "capability.httpText" },
  mail: { icon: Mail, label: "capability.mail", text: "capability.mailText" },
  realtime: { icon: Radio, label: "capability.realtime", text: "capability.realtimeText" },
  clock: { icon: Clock, label: "capability.clock", text: "capability.clockText" },
  random: { icon: Dices, label: "capability.random", text: "capability.randomText" },
  files: { icon: File, label: "capability.files", text: "capability.filesText" },
};

export interface Capability {
  name: string;
  icon: LucideIcon;
  label: string;
  text: string;
}

/** The capabilities in words; all of WASI folds into one, because the host gives nothing away through it. */
export function describeCapabilities(names: string[]): Capability[] {
  const own = names.filter((name) => !isRuntime(name)).map(describe);
  if (own.length === names.length) return own;
  const runtime = {
    name: "runtime",
    icon: Cpu,
    label: t("capability.runtime"),
    text: t("capability.runtimeText"),
  };
  return [...own, runtime];
}

function describe(full: string): Capability {
  const name = interfaceName(full);
  const entry = known[name];
  return entry
    ? { name, icon: entry.icon, label: t(entry.label), text: t(entry.text) }
    : { name, icon: PackageOpen, label: name, text: t("capability.otherText") };
}
