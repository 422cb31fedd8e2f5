import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { type PluginSchedule, type ScheduleDraft, saveSchedule } from "@/api/plugin-moments";
import type { Plugin } from "@/api/types";
import { CronField } from "@/components/cron-field";
import { FormAlert } from "@/components/form-alert";
import { ToggleRow } from "@/components/toggle-row";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { DialogFooter } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";
import { Sheet, SheetContent } from "@/ui/sheet";
import { toast } from "@/ui/toast";
import { placedProblems } from "./config-problems";
import { PlaceTerms } from "./place-terms";
import { objectIn } from "./sample";

interface ScheduleSheetProps {
  plugin: Plugin;
  schedule: PluginSchedule | "new" | null;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

/** A schedule being made or changed: its name, its times, within what limits and with what configuration. */
export function ScheduleSheet({ plugin, schedule, onSaved, onClose }: ScheduleSheetProps) {
  const stored = schedule === "new" ? null : schedule;
  return (
    <Sheet open={schedule !== null} onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        className="sm:max-w-lg"
        title={stored ? t("schedules.edit", { name: stored.name }) : t("schedules.add")}
        description={t("schedules.formText", { plugin: plugin.name })}
        closeLabel={t("action.close")}
      >
        {schedule && <ScheduleForm plugin={plugin} stored={stored} onSaved={onSaved} onClose={onClose} />}
      </SheetContent>
    </Sheet>
  );
}

const empty: ScheduleDraft = { name: "", expression: "", enabled: true, config: {}, limits: {} };

interface ScheduleFormProps extends Omit<ScheduleSheetProps, "schedule"> {
  stored: PluginSchedule | null;
}

function ScheduleForm({ plugin, stored, onSaved, onClose }: ScheduleFormProps) {
  const [draft, setDraft] = useState<ScheduleDraft>(stored ?? empty);
  const [config, setConfig] = useState(() => JSON.stringify(draft.config, null, 2));
  const object = objectIn(config);

  const save = useMutation({
    mutationFn: () => {
      const { name, expression, enabled, limits } = draft;
      const body = { name, expression, enabled, config: object ?? {}, ...(limits && { limits }) };
      return saveSchedule(plugin.id, stored?.id ?? null, body);
    },
    onSuccess: async ({ name }) => {
      await onSaved();
      toast.success(t("schedules.saved", { name }));
    },
  });

  const set = (part: Partial<ScheduleDraft>) => setDraft({ ...draft, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (object && !save.isPending) save.mutate();
  };
  const problems = save.error ? toApiError(save.error).fields : {};
  return (
    <form noValidate className="flex min-h-0 flex-1 flex-col" onSubmit={submit}>
      <div className="grid min-h-0 flex-1 content-start gap-6 overflow-y-auto px-4 py-5 sm:px-6">
        <FormAlert error={save.error} fields={placedProblems(problems, ["name", "expression"])} />
        <Field label={t("schedules.name")} help={t("schedules.nameHelp")} error={problems.name?.message}>
          {(control) => (
            <Input
              {...control}
              className="max-w-72"
              {...verbatim}
              value={draft.name}
              onChange={({ target }) => set({ name: target.value })}
            />
          )}
        </Field>
        <CronField
          label={t("schedules.expression")}
          help={t("schedules.expressionHelp")}
          error={problems.expression?.message}
          value={draft.expression}
          onChange={(expression) => set({ expression })}
        />
        <ToggleRow
          label={t("attachment.enabled")}
          help={t("schedules.enabledHelp")}
          checked={draft.enabled}
          onChange={(enabled) => set({ enabled })}
        />
        <PlaceTerms
          plugin={plugin}
          stored={stored}
          limits={draft.limits}
          limitsHelp={t("schedules.limitsHelp")}
          config={config}
          problems={problems}
          onLimits={(limits) => set({ limits })}
          onConfig={setConfig}
        />
      </div>
      <DialogFooter>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" variant="primary" pending={save.isPending} disabled={object === null}>
          {t("action.save")}
        </Button>
      </DialogFooter>
    </form>
  );
}
