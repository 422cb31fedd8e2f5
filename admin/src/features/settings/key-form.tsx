import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { type ApiKey, createKey, type KeyDraft, type ToldKey, updateKey } from "@/api/keys";
import { collectionsQuery } from "@/api/queries";
import { FormAlert } from "@/components/form-alert";
import { ToggleRow } from "@/components/toggle-row";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { DialogFooter } from "@/ui/dialog";
import { Field, Fieldset } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";
import { Sheet, SheetContent } from "@/ui/sheet";
import { Textarea } from "@/ui/textarea";
import { toast } from "@/ui/toast";
import { ScopesField } from "./scopes-field";

interface KeyFormProps {
  /** What is changed, or nothing for a new one. */
  entry: ApiKey | null;
  onClose: () => void;
  onMade: (told: ToldKey) => void;
  onChanged: () => void;
}

export function KeyForm({ entry, onClose, onMade, onChanged }: KeyFormProps) {
  const collections = useQuery(collectionsQuery());
  const [name, setName] = useState(entry?.name ?? "");
  const [scopes, setScopes] = useState<string[]>(entry?.scopes ?? []);
  const [readOnly, setReadOnly] = useState(entry?.readOnly ?? false);
  const [expires, setExpires] = useState(entry?.expires.slice(0, 10) ?? "");
  const [ips, setIps] = useState(entry?.ips.join("\n") ?? "");

  const save = useMutation({
    mutationFn: async (): Promise<ToldKey | null> => {
      const draft: KeyDraft = {
        name: name.trim(),
        scopes,
        readOnly,
        // Good until the day is over, and as it was when the day is the same.
        expires:
          expires === (entry?.expires.slice(0, 10) ?? "")
            ? (entry?.expires ?? "")
            : expires && `${expires} 23:59:59.000Z`,
        ips: ips
          .split(/[\s,]+/)
          .map((line) => line.trim())
          .filter((line) => line !== ""),
      };
      if (!entry) return createKey(draft);
      await updateKey(entry.id, draft);
      return null;
    },
    onSuccess: (told) => {
      if (told) return onMade(told);
      toast.success(t("apiKeys.saved"));
      onChanged();
    },
  });
  const problems = save.error ? toApiError(save.error).fields : {};
  const problem = (field: string) =>
    Object.entries(problems).find(([key]) => key === field || key.startsWith(`${field}.`))?.[1].message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };

  return (
    <Sheet open onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        title={entry ? t("apiKeys.edit", { name: entry.name }) : t("apiKeys.add")}
        description={t("apiKeys.formText")}
        closeLabel={t("action.close")}
      >
        <form noValidate className="flex min-h-0 flex-1 flex-col" onSubmit={submit}>
          <div className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto px-4 py-5 sm:px-6">
            <FormAlert error={save.error} fields={Object.keys(problems).filter((key) => placed(key))} />
            <Field label={t("apiKeys.name")} help={t("apiKeys.nameHelp")} error={problem("name")}>
              {(control) => (
                <Input
                  {...control}
                  autoComplete="off"
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
            <Fieldset legend={t("apiKeys.scopes")} help={t("apiKeys.scopesHelp")} error={problem("scopes")}>
              <ScopesField
                collections={(collections.data ?? [])
                  .filter(({ system }) => !system)
                  .map((each) => each.name)}
                value={scopes}
                onChange={setScopes}
              />
            </Fieldset>
            <ToggleRow
              label={t("apiKeys.readOnly")}
              help={t("apiKeys.readOnlyHelp")}
              checked={readOnly}
              onChange={setReadOnly}
            />
            <Field label={t("apiKeys.expires")} help={t("apiKeys.expiresHelp")} error={problem("expires")}>
              {(control) => (
                <Input
                  {...control}
                  type="date"
                  className="max-w-56"
                  value={expires}
                  onChange={(event) => setExpires(event.target.value)}
                />
              )}
            </Field>
            <Field label={t("apiKeys.ips")} help={t("apiKeys.ipsHelp")} error={problem("ips")}>
              {(control) => (
                <Textarea
                  {...control}
                  rows={2}
                  {...verbatim}
                  className="font-mono text-base sm:text-[0.8125rem]"
                  value={ips}
                  onChange={(event) => setIps(event.target.value)}
                />
              )}
            </Field>
          </div>
          <DialogFooter>
            <Button onClick={onClose}>{t("action.cancel")}</Button>
            <Button type="submit" variant="primary" pending={save.isPending}>
              {entry ? t("action.save") : t("apiKeys.make")}
            </Button>
          </DialogFooter>
        </form>
      </SheetContent>
    </Sheet>
  );
}

function placed(key: string): boolean {
  return ["name", "scopes", "expires", "ips"].includes(key.split(".")[0] ?? "");
}
