import type { AttachmentLimits, EffectiveLimits } from "@/api/types";
import { type PlainKey, t } from "@/i18n";
import { Field } from "@/ui/field";
import { Folded } from "@/ui/folded";
import { Input } from "@/ui/input";

interface Axis {
  key: keyof NonNullable<AttachmentLimits>;
  label: PlainKey;
  help: PlainKey;
}

const common: Axis[] = [
  { key: "fuel", label: "attachment.fuel", help: "attachment.fuelHelp" },
  { key: "wallMs", label: "attachment.wall", help: "attachment.wallHelp" },
  { key: "memoryMb", label: "attachment.memory", help: "attachment.memoryHelp" },
];
/** Seldom the ones that matter. */
const rare: Axis[] = [
  { key: "hostCalls", label: "terms.axis.hostCalls", help: "terms.axis.hostCallsHelp" },
  { key: "bytesPerCall", label: "terms.axis.bytesPerCall", help: "terms.axis.bytesPerCallHelp" },
  { key: "handles", label: "terms.axis.handles", help: "terms.axis.handlesHelp" },
  { key: "logBytes", label: "terms.axis.logBytes", help: "terms.axis.logBytesHelp" },
];
/** Of routes alone: nothing else is called by many at the same time. */
const atOnce: Axis = { key: "atOnce", label: "terms.axis.atOnce", help: "terms.axis.atOnceHelp" };

interface LimitsFieldsProps {
  routed: boolean;
  limits: AttachmentLimits | null | undefined;
  /** What holds where none is set, if that is known. */
  usual: Partial<EffectiveLimits>;
  problems: Record<string, { message: string }>;
  onChange: (limits: AttachmentLimits) => void;
}

/** What a call may use, axis by axis. */
export function LimitsFields(props: LimitsFieldsProps) {
  const { routed, limits, problems } = props;
  const more = routed ? [...rare, atOnce] : rare;
  return (
    <div className="grid gap-3">
      <Axes axes={common} {...props} />
      <Folded
        title={t("terms.more")}
        begun={more.some(({ key }) => typeof limits?.[key] === "number")}
        must={more.some(({ key }) => problems[`limits.${key}`])}
      >
        <Axes axes={more} {...props} />
      </Folded>
    </div>
  );
}

interface AxesProps extends Omit<LimitsFieldsProps, "routed"> {
  axes: Axis[];
}

function Axes({ axes, limits, usual, problems, onChange }: AxesProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      {axes.map(({ key, label, help }) => (
        <Field key={key} label={t(label)} help={t(help)} error={problems[`limits.${key}`]?.message}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              placeholder={usual[key] === undefined ? t("attachment.usual") : String(usual[key])}
              value={limits?.[key] === null || limits?.[key] === undefined ? "" : String(limits[key])}
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
