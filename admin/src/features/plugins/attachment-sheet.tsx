import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { keys, updateAttachment } from "@/api/queries";
import type { Attachment, Collection, FailurePolicy, Plugin } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { ToggleRow } from "@/components/toggle-row";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { DialogFooter } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { Sheet, SheetContent } from "@/ui/sheet";
import { toast } from "@/ui/toast";
import { placedProblems } from "./config-problems";
import { canFailTheWrite } from "./hooks";
import { NamesField } from "./names-field";
import { PlaceTerms } from "./place-terms";
import { objectIn } from "./sample";

interface AttachmentSheetProps {
  plugin: Plugin;
  attachment: Attachment | null;
  collection: Collection | undefined;
  onClose: () => void;
}

/** How a plugin runs at one place: whether, in which order, within what limits, with what configuration. */
export function AttachmentSheet({ plugin, attachment, collection, onClose }: AttachmentSheetProps) {
  return (
    <Sheet open={attachment !== null} onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        className="sm:max-w-lg"
        title={t("attachment.title", { plugin: plugin.name, collection: attachment?.collection ?? "" })}
        description={t("attachment.text")}
        closeLabel={t("action.close")}
      >
        {attachment && (
          <AttachmentForm
            key={attachment.id}
            plugin={plugin}
            attachment={attachment}
            collection={collection}
            onClose={onClose}
          />
        )}
      </SheetContent>
    </Sheet>
  );
}

interface AttachmentFormProps extends Omit<AttachmentSheetProps, "attachment"> {
  attachment: Attachment;
}

function AttachmentForm({ plugin, attachment, collection, onClose }: AttachmentFormProps) {
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(attachment);
  const [config, setConfig] = useState(() => JSON.stringify(attachment.config ?? {}, null, 2));
  const object = objectIn(config);

  const save = useMutation({
    mutationFn: () =>
      updateAttachment(plugin.id, attachment.id, {
        order: draft.order,
        enabled: draft.enabled,
        onFailure: draft.onFailure,
        limits: draft.limits,
        fields: draft.fields,
        config: object ?? {},
      }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      toast.success(t("attachment.saved"));
      onClose();
    },
  });

  const set = (part: Partial<Attachment>) => setDraft({ ...draft, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (object && !save.isPending) save.mutate();
  };
  const problems = save.error ? toApiError(save.error).fields : {};
  const names = collection?.fields.map(({ name }) => name) ?? [];

  return (
    <form noValidate className="flex min-h-0 flex-1 flex-col" onSubmit={submit}>
      <div className="grid min-h-0 flex-1 content-start gap-6 overflow-y-auto px-4 py-5 sm:px-6">
        <FormAlert
          error={save.error}
          fields={placedProblems(problems, ["order", "fields.read", "fields.write"])}
        />
        <ToggleRow
          label={t("attachment.enabled")}
          help={t("attachment.enabledHelp")}
          checked={draft.enabled}
          onChange={(enabled) => set({ enabled })}
        />
        <Field label={t("attach.order")} help={t("attach.orderHelp")} error={problems.order?.message}>
          {(control) => (
            <Input
              {...control}
              type="number"
              className="max-w-32"
              value={String(draft.order)}
              onChange={({ target }) => set({ order: target.value === "" ? 0 : target.valueAsNumber })}
            />
          )}
        </Field>
        {canFailTheWrite(draft.hooks) && (
          <Field label={t("attach.failure")}>
            {(control) => (
              <Select
                {...control}
                value={draft.onFailure}
                onChange={(event) => set({ onFailure: event.target.value as FailurePolicy })}
              >
                <option value="closed">{t("attach.failure.closed")}</option>
                <option value="open">{t("attach.failure.open")}</option>
              </Select>
            )}
          </Field>
        )}
        <NamesField
          label={t("attachment.reads")}
          names={names}
          chosen={draft.fields?.read ?? null}
          error={problems["fields.read"]?.message}
          onChange={(read) => set({ fields: { ...draft.fields, read } })}
        />
        <NamesField
          label={t("attachment.writes")}
          names={names}
          chosen={draft.fields?.write ?? null}
          error={problems["fields.write"]?.message}
          onChange={(write) => set({ fields: { ...draft.fields, write } })}
        />
        <PlaceTerms
          plugin={plugin}
          stored={attachment}
          limits={draft.limits}
          limitsHelp={t("attachment.limitsHelp")}
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
