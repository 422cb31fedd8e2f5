/** What cells of several kinds share. */
import { t } from "@/i18n";

/** Longest text of a cell; more would only slow the table down. */
const excerptMax = 200;

export function excerpt(text: string): string {
  return text.length > excerptMax ? `${text.slice(0, excerptMax)}…` : text;
}

export function Nothing() {
  return (
    <span className="text-ink-soft/70">
      <span aria-hidden>—</span>
      <span className="sr-only">{t("value.none")}</span>
    </span>
  );
}

export function TextCell({ value, mono }: { value: unknown; mono?: boolean }) {
  if (value === null || value === undefined || value === "") return <Nothing />;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <span className={mono ? "block truncate font-mono text-[0.8125rem]" : "block truncate"}>
      {excerpt(text)}
    </span>
  );
}

export function asList(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((item) => typeof item === "string");
  return typeof value === "string" && value !== "" ? [value] : [];
}
