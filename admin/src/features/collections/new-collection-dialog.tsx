import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { Controller, useForm, useWatch } from "react-hook-form";
import * as z from "zod/mini";
import { collectionsQuery, createCollection, keys } from "@/api/queries";
import type { Collection, Field as FieldDefinition } from "@/api/types";
import { CodeEditor } from "@/components/code-editor";
import { CollectionIcon } from "@/components/collection-type";
import { FormAlert, showFieldErrors } from "@/components/form-alert";
import { type PlainKey, t } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { Field, Fieldset } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";
import { RadioGroup, RadioGroupItem } from "@/ui/radio-group";
import { toast } from "@/ui/toast";
import { AsRequest } from "./as-request";
import { creationAsCurl } from "./collection-curl";
import { Migration } from "./migration";
import { copyOf } from "./transfer";
import { useSettled } from "./use-settled";

/** How long nothing is typed until what is there is tried. */
const settleMs = 400;

const collectionTypes = ["base", "auth", "view"] as const;

const schema = z.object({
  name: z.string().check(z.regex(/^[A-Za-z_]\w*$/, t("newCollection.nameProblem"))),
  type: z.enum(collectionTypes),
  viewQuery: z.string(),
});
type Draft = z.infer<typeof schema>;

const types: { type: (typeof collectionTypes)[number]; label: PlainKey; text: PlainKey }[] = [
  { type: "base", label: "collection.type.base", text: "newCollection.baseText" },
  { type: "auth", label: "collection.type.auth", text: "newCollection.authText" },
  { type: "view", label: "collection.type.view", text: "newCollection.viewText" },
];

interface NewCollectionDialogProps {
  open: boolean;
  /** What it begins as a copy of, or nothing. */
  origin?: Collection;
  onClose: () => void;
  onCreated: (collection: Collection) => void;
}

export function NewCollectionDialog({ open, origin, onClose, onCreated }: NewCollectionDialogProps) {
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()}>
      <DialogContent
        title={origin ? t("newCollection.copyTitle", { name: origin.name }) : t("newCollection.title")}
        description={origin ? t("newCollection.copyText") : t("newCollection.text")}
        closeLabel={t("action.close")}
      >
        <NewCollectionForm origin={origin} onClose={onClose} onCreated={onCreated} />
      </DialogContent>
    </Dialog>
  );
}

function NewCollectionForm({ origin, onClose, onCreated }: Omit<NewCollectionDialogProps, "open">) {
  const queryClient = useQueryClient();
  const form = useForm<Draft>({
    resolver: standardSchemaResolver(schema),
    defaultValues: {
      name: origin ? `${origin.name}_copy` : "",
      type: origin?.type ?? "base",
      viewQuery: "SELECT id FROM ",
    },
  });
  const [name, type, viewQuery] = useWatch({ control: form.control, name: ["name", "type", "viewQuery"] });

  const create = useMutation({
    mutationFn: (draft: Draft) => createCollection(wanted(draft, origin)),
    onSuccess: async (made) => {
      queryClient.setQueryData(collectionsQuery().queryKey, (all) => all && [...all, made]);
      await queryClient.invalidateQueries({ queryKey: keys.collections });
      toast.success(t("newCollection.done", { name: made.name }));
      onCreated(made);
    },
    onError: (error) => showFieldErrors(form, error),
  });

  const { errors } = form.formState;
  return (
    <form
      noValidate
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={form.handleSubmit((draft) => create.mutate(draft))}
    >
      <DialogBody className="grid grid-cols-[minmax(0,1fr)] content-start gap-6">
        <FormAlert error={create.error} fields={origin ? ["name"] : ["name", "type", "viewQuery"]} />
        <Field
          label={t("collections.column.name")}
          help={t("newCollection.nameHelp")}
          error={errors.name?.message}
        >
          {(control) => <Input {...control} {...verbatim} className="font-mono" {...form.register("name")} />}
        </Field>
        {!origin && (
          <Controller
            control={form.control}
            name="type"
            render={({ field }) => (
              <Fieldset legend={t("collections.column.type")} error={errors.type?.message}>
                <RadioGroup
                  value={field.value}
                  onValueChange={field.onChange}
                  aria-label={t("collections.column.type")}
                >
                  {types.map(({ type: value, label, text }) => (
                    <label
                      key={value}
                      htmlFor={`type-${value}`}
                      className="flex cursor-pointer items-start gap-3 rounded-lg border border-line px-3.5 py-2.5 transition-colors hover:bg-hover/55 has-data-[state=checked]:border-accent/60 has-data-[state=checked]:bg-accent-soft/60"
                    >
                      <RadioGroupItem id={`type-${value}`} value={value} className="mt-0.5" />
                      <span className="grid flex-1 gap-0.5">
                        <span className="font-medium text-sm">{t(label)}</span>
                        <span className="text-ink-soft text-xs leading-5">{t(text)}</span>
                      </span>
                      <CollectionIcon type={value} className="mt-0.5 size-4 text-ink-soft" />
                    </label>
                  ))}
                </RadioGroup>
              </Fieldset>
            )}
          />
        )}
        {type === "view" && !origin && (
          <Controller
            control={form.control}
            name="viewQuery"
            render={({ field }) => (
              <Field label={t("view.query")} help={t("view.queryHelp")} error={errors.viewQuery?.message}>
                {(control) => (
                  <CodeEditor
                    control={control}
                    label={t("view.query")}
                    language="sql"
                    value={field.value}
                    onChange={field.onChange}
                  />
                )}
              </Field>
            )}
          />
        )}
        <Review draft={{ name, type, viewQuery }} origin={origin} />
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" variant="primary" pending={create.isPending}>
          {t("newCollection.submit")}
        </Button>
      </DialogFooter>
    </form>
  );
}

/** What would be made, as soon as there is a name for it. The server is asked when the typing pauses. */
function Review({ draft: { name, type, viewQuery }, origin }: { draft: Draft; origin?: Collection }) {
  const draft = useMemo(() => ({ name, type, viewQuery }), [name, type, viewQuery]);
  const settled = useSettled(draft, settleMs);
  if (!schema.safeParse(settled).success) return null;
  const body = wanted(settled, origin);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <Migration wish={{ create: body }} />
      <AsRequest text={creationAsCurl(window.location.origin, body)} />
    </div>
  );
}

function wanted({ name, type, viewQuery }: Draft, origin?: Collection): Partial<Collection> {
  return origin ? copyOf(origin, name) : beginning(name, type, viewQuery);
}

/** A new collection knows when its records were made and changed; both can be taken out again. */
function beginning(name: string, type: Draft["type"], viewQuery: string): Partial<Collection> {
  if (type === "view") return { name, type, viewQuery };
  const moments = [
    { name: "created", type: "autodate", onCreate: true, onUpdate: false },
    { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
  ];
  return { name, type, fields: moments as unknown as FieldDefinition[] };
}
