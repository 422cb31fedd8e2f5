import { ArrowDown, ArrowUp } from "lucide-react";
import type { Field as FieldDefinition } from "@/api/types";
import { kindIcon, kindLabel, kindText } from "@/components/field-kinds";
import { ToggleRow } from "@/components/toggle-row";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { DialogFooter } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";
import { Sheet, SheetContent } from "@/ui/sheet";
import { DefaultField } from "./default-field";
import { nameProblem } from "./field-names";
import { canDefault, flagsOf, settingsOf } from "./field-settings";
import { SettingControl } from "./setting";
import type { DraftField } from "./use-collection-draft";

interface FieldSheetProps {
  draft: DraftField | null;
  all: DraftField[];
  /** What the server said, by key of the field. */
  problems: Record<string, string>;
  onChange: (field: FieldDefinition) => void;
  onMove: (by: 1 | -1) => void;
  onClose: () => void;
}

/** Everything that can be set for one field. Changes go into the draft at once; saving is the page's affair. */
export function FieldSheet({ draft, all, problems, onChange, onMove, onClose }: FieldSheetProps) {
  const place = all.findIndex(({ key }) => key === draft?.key);
  // At an end the button keeps the focus that brought the field here, and does nothing.
  const isFirst = place <= 0;
  const isLast = place === all.length - 1;
  const Icon = draft ? kindIcon(draft.field.type) : null;
  return (
    <Sheet open={draft !== null} onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        className="sm:max-w-lg"
        title={draft?.field.name || t("fieldSheet.unnamed")}
        description={
          draft && (
            <span className="inline-flex items-center gap-1.5">
              {Icon && <Icon aria-hidden className="size-3.5" />}
              {kindLabel(draft.field.type)} · {kindText(draft.field.type)}
            </span>
          )
        }
        closeLabel={t("action.close")}
      >
        {draft && <FieldForm draft={draft} all={all} problems={problems} onChange={onChange} />}
        <DialogFooter>
          <div className="flex gap-2 sm:mr-auto">
            <Button aria-disabled={isFirst || undefined} onClick={isFirst ? undefined : () => onMove(-1)}>
              <ArrowUp aria-hidden />
              {t("fieldSheet.up")}
            </Button>
            <Button aria-disabled={isLast || undefined} onClick={isLast ? undefined : () => onMove(1)}>
              <ArrowDown aria-hidden />
              {t("fieldSheet.down")}
            </Button>
          </div>
          <Button variant="primary" onClick={onClose}>
            {t("fieldSheet.done")}
          </Button>
        </DialogFooter>
      </SheetContent>
    </Sheet>
  );
}

function FieldForm({
  draft,
  all,
  problems,
  onChange,
}: Omit<FieldSheetProps, "draft" | "onMove" | "onClose"> & { draft: DraftField }) {
  const { field, isNew } = draft;
  const set = (key: string, value: unknown) => onChange({ ...field, [key]: value });
  const system = field.system === true;
  const problem = nameProblem(draft, all) ?? problems.name;
  const general = Object.entries(problems).filter(([key]) => key !== "name" && !isSetting(field, key));
  return (
    <div className="grid min-h-0 flex-1 content-start gap-6 overflow-y-auto px-4 py-5 sm:px-6">
      {general.length > 0 && (
        <Alert tone="danger" title={t("fieldSheet.refused")}>
          {general.map(([key, message]) => `${key}: ${message}`).join(" ")}
        </Alert>
      )}
      <Field
        label={t("fieldSheet.name")}
        help={system ? t("fieldSheet.systemName") : t("fieldSheet.nameHelp")}
        error={problem}
      >
        {(control) => (
          <Input
            {...control}
            {...verbatim}
            disabled={system}
            className="font-mono text-[0.8125rem]"
            value={field.name}
            onChange={(event) => set("name", slugged(event.target.value))}
          />
        )}
      </Field>
      {settingsOf(field.type).map((setting) => (
        <SettingControl
          key={setting.key}
          setting={setting}
          field={field}
          isNew={isNew}
          error={messageFor(problems, setting.key)}
          onChange={(value) => set(setting.key, value)}
        />
      ))}
      <div className="grid gap-4 border-line border-t pt-5">
        {field.type !== "autodate" && (
          <ToggleRow
            label={t("fieldSheet.required")}
            help={t("fieldSheet.requiredHelp")}
            checked={field.required === true}
            onChange={(on) => set("required", on)}
          />
        )}
        {flagsOf(field.type).map(({ key, label, help }) => (
          <ToggleRow
            key={key}
            label={t(label)}
            help={t(help)}
            checked={field[key] === true}
            onChange={(on) => set(key, on)}
          />
        ))}
        <ToggleRow
          label={t("fieldSheet.presentable")}
          help={t("fieldSheet.presentableHelp")}
          checked={field.presentable === true}
          onChange={(on) => set("presentable", on)}
        />
        <ToggleRow
          label={t("fieldSheet.hidden")}
          help={t("fieldSheet.hiddenHelp")}
          checked={field.hidden === true}
          disabled={system}
          onChange={(on) => set("hidden", on)}
        />
      </div>
      {canDefault(field.type) && (
        <DefaultField
          value={field.default}
          error={problems.default}
          onChange={(value) => set("default", value)}
        />
      )}
      {field.type !== "autodate" && (
        <Field label={t("fieldSheet.help")} help={t("fieldSheet.helpHelp")}>
          {(control) => (
            <Input
              {...control}
              value={typeof field.help === "string" ? field.help : ""}
              onChange={(event) => set("help", event.target.value)}
            />
          )}
        </Field>
      )}
    </div>
  );
}

/** Blanks become underscores while the name is typed. */
function slugged(text: string): string {
  return text.replace(/[\s-]+/g, "_");
}

function isSetting(field: FieldDefinition, key: string): boolean {
  return settingsOf(field.type).some((setting) => key === setting.key || key.startsWith(`${setting.key}.`));
}

function messageFor(problems: Record<string, string>, key: string): string | undefined {
  const found = Object.keys(problems).find((path) => path === key || path.startsWith(`${key}.`));
  return found && problems[found];
}
