import type { FieldChange } from "@/components/record-diff";
import { t } from "@/i18n";

/** What was, and what has become of it. */
export function ChangedValues({ changes }: { changes: FieldChange[] }) {
  if (changes.length === 0) return <p className="text-ink-soft text-sm">{t("realtime.unchanged")}</p>;
  return (
    <dl className="grid grid-cols-[minmax(5rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1.5 font-mono text-xs leading-5">
      {changes.map(({ name, before, after }) => (
        <div key={name} className="contents">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="grid gap-0.5 [overflow-wrap:anywhere]">
            {before !== null && (
              <del className="w-fit rounded bg-danger-soft px-1.5 text-danger no-underline">
                <span aria-hidden>− </span>
                {before}
              </del>
            )}
            {after !== null && (
              <ins className="w-fit rounded bg-success-soft px-1.5 text-success no-underline">
                <span aria-hidden>+ </span>
                {after}
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
