/** Why an upload was refused, one entry per code of the server, with what helps against it. */
import { toApiError } from "@/api/errors";
import { describeError } from "@/components/describe-error";
import { type PlainKey, t } from "@/i18n";

interface Known {
  title: PlainKey;
  text: PlainKey;
  command?: PlainKey;
}

const known: Record<string, Known> = {
  plugin_not_component: {
    title: "problem.plugin_not_component.title",
    text: "problem.plugin_not_component.text",
    command: "problem.plugin_not_component.command",
  },
  plugin_unknown_import: {
    title: "problem.plugin_unknown_import.title",
    text: "problem.plugin_unknown_import.text",
  },
  plugin_no_hooks: { title: "problem.plugin_no_hooks.title", text: "problem.plugin_no_hooks.text" },
  plugin_too_large: {
    title: "problem.plugin_too_large.title",
    text: "problem.plugin_too_large.text",
    command: "problem.plugin_too_large.command",
  },
  plugin_too_complex: {
    title: "problem.plugin_too_complex.title",
    text: "problem.plugin_too_complex.text",
  },
  plugin_compile_timeout: {
    title: "problem.plugin_compile_timeout.title",
    text: "problem.plugin_compile_timeout.text",
  },
  plugin_invalid: { title: "problem.plugin_invalid.title", text: "problem.plugin_invalid.text" },
};

export interface Problem {
  title: string;
  text: string;
  /** A line that mends it. */
  command: string | null;
  /** The server's own words, where they add to ours. */
  detail: string | null;
  requestId: string | null;
  /** Whether sending the very same file again may work. */
  canRetry: boolean;
}

export function describeProblem(thrown: unknown): Problem {
  const error = toApiError(thrown);
  const shared = { requestId: error.requestId, canRetry: error.isTemporary };
  const complaint = error.fields.file;
  const entry = complaint && known[complaint.code];
  if (entry) {
    return {
      ...shared,
      title: t(entry.title),
      text: t(entry.text),
      command: entry.command ? t(entry.command) : null,
      detail: complaint.message,
      canRetry: shared.canRetry || complaint.code === "plugin_compile_timeout",
    };
  }
  if (complaint) {
    return {
      ...shared,
      title: t("problem.other.title"),
      text: complaint.message,
      command: null,
      detail: null,
    };
  }
  // A proxy, or a server that never read the body, refuses a large file without our envelope.
  if (error.status === 413) {
    const { title, text } = known.plugin_too_large as Known;
    return { ...shared, title: t(title), text: t(text), command: null, detail: error.message || null };
  }
  return { ...shared, ...describeError(error), command: null, detail: null };
}
