import type { AttachmentLimits, EffectiveLimits } from "@/api/types";
import { type PlainKey, t } from "@/i18n";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

const axes = [
  { key: "fuel", label: "attachment.fuel", help: "attachment.fuelHelp" },
  { key: "wallMs", label: "attachment.wall", help: "attachment.wallHelp" },
  { key: "memoryMb", label: "attachment.memory", help: "attachment.memoryHelp" },
] as const satisfies { key: string; label: PlainKey; help: PlainKey }[];

interface LimitsFieldsProps {
  limits: AttachmentLimits | null | undefined;
  /** What holds where none is set, if that is known. */
  usual?: Partial<EffectiveLimits>;
  problems: Record<string, { message: string }>;
  onChange: (limits: AttachmentLimits) => void;
}

/** What a call may use, axis by axis. */
export function LimitsFields({ limits, usual = {}, problems, onChange }: LimitsFieldsProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      {axes.map(({ key, label, help }) => (
        <Field key={key} label={t(label)} help={t(help)} error={problems[`limits.${key}`]?.message}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              placeholder={usual[key] === undefined ? t("attachment.usual") : String(usual[key])}
              value={limits?.[key] ? String(limits[key]) : ""}
              onChange={({ target }) =>
                onChange({ ...limits, [key]: target.value === "" ? null : target.valueAsNumber })
              }
            />
          )}
        </Field>
      ))}
    </div>
  );
}
