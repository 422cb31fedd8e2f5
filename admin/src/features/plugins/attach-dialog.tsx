import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Controller, type UseFormReturn, useForm, useWatch } from "react-hook-form";
import * as z from "zod/mini";
import { attachPlugin, collectionsQuery, keys } from "@/api/queries";
import type { AttachmentDraft, Collection, Plugin } from "@/api/types";
import { CollectionIcon } from "@/components/collection-type";
import { Combobox } from "@/components/combobox";
import { FormAlert, showFieldErrors } from "@/components/form-alert";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";
import { FailureField, HooksField } from "./attach-fields";
import { AttachPlace } from "./attach-place";
import { attachableHooks, canFailTheWrite } from "./hooks";

const schema = z.object({
  collection: z.string().check(z.minLength(1, t("attach.error.collection"))),
  hooks: z.array(z.string()).check(z.minLength(1, t("attach.error.hooks"))),
  order: z.number(t("attach.error.order")).check(z.int(t("attach.error.order"))),
  onFailure: z.enum(["closed", "open"]),
});
const fieldNames = ["collection", "hooks", "order", "onFailure"] as const;

interface AttachDialogProps {
  plugin: Plugin;
  open: boolean;
  onClose: () => void;
}

export function AttachDialog({ plugin, open, onClose }: AttachDialogProps) {
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()}>
      <DialogContent
        title={t("attach.title", { plugin: plugin.name })}
        description={t("attach.text")}
        closeLabel={t("action.close")}
      >
        <AttachForm plugin={plugin} onClose={onClose} />
      </DialogContent>
    </Dialog>
  );
}

function AttachForm({ plugin, onClose }: { plugin: Plugin; onClose: () => void }) {
  const queryClient = useQueryClient();
  const hooks = attachableHooks(plugin.exports);
  const form = useForm<AttachmentDraft>({
    resolver: standardSchemaResolver(schema),
    defaultValues: { collection: "", hooks: hooks.map((hook) => hook.name), order: 0, onFailure: "closed" },
  });

  const attach = useMutation({
    mutationFn: (draft: AttachmentDraft) => attachPlugin(plugin.id, draft),
    onSuccess: async (_, { collection }) => {
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      toast.success(t("attach.done", { plugin: plugin.name, collection }));
      onClose();
    },
    onError: (error) => showFieldErrors(form, error),
  });

  const { errors } = form.formState;
  const chosen = useWatch({ control: form.control, name: "hooks" });
  return (
    <form
      noValidate
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={form.handleSubmit((draft) => attach.mutate(draft))}
    >
      <DialogBody className="grid grid-cols-[minmax(0,1fr)] content-start gap-6">
        <FormAlert error={attach.error} fields={fieldNames} />
        <CollectionField form={form} />
        <HooksField form={form} hooks={hooks} />
        <div className="grid gap-3">
          <Field label={t("attach.order")} help={t("attach.orderHelp")} error={errors.order?.message}>
            {(control) => (
              <Input
                {...control}
                type="number"
                step={1}
                inputMode="numeric"
                className="max-w-32"
                {...form.register("order", { valueAsNumber: true })}
              />
            )}
          </Field>
          <AttachPlace plugin={plugin} form={form} />
        </div>
        {canFailTheWrite(chosen) && <FailureField form={form} />}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" variant="primary" pending={attach.isPending}>
          {attach.isPending ? t("attach.submitting") : t("attach.submit")}
        </Button>
      </DialogFooter>
    </form>
  );
}

function CollectionField({ form }: { form: UseFormReturn<AttachmentDraft> }) {
  const collections = useQuery(collectionsQuery());
  const options = (collections.data ?? []).filter(canBeAttachedTo).map(({ name, type }) => ({
    value: name,
    label: name,
    icon: <CollectionIcon type={type} className="text-ink-soft" />,
  }));
  const help = collections.isError
    ? t("attach.collectionFailed")
    : collections.isSuccess && options.length === 0
      ? t("attach.collectionNone")
      : undefined;
  return (
    <Controller
      control={form.control}
      name="collection"
      render={({ field: { ref, value, onChange }, fieldState }) => (
        <Field label={t("attach.collection")} help={help} error={fieldState.error?.message}>
          {(control) => (
            <Combobox
              ref={ref}
              control={control}
              options={options}
              value={value}
              onChange={onChange}
              placeholder={t("attach.collectionPlaceholder")}
              searchLabel={t("attach.collectionSearch")}
            />
          )}
        </Field>
      )}
    />
  );
}

/** Views are never written, and the system's collections are not for plugins. */
function canBeAttachedTo({ type, system }: Collection): boolean {
  return type !== "view" && !system;
}
