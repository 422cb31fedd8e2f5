import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, ShieldCheck, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { toApiError } from "@/api/errors";
import { collectionsQuery, grantsQuery, setGrants } from "@/api/queries";
import type { Grant, Plugin } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Select } from "@/ui/select";
import { Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { Choice } from "./names-field";

const verbs = ["list", "view", "create", "update", "delete"] as const;
const verbLabels = {
  list: "rule.list",
  view: "rule.view",
  create: "rule.create",
  update: "rule.update",
  delete: "rule.delete",
} as const;

/** What the plugin may do with records: collection by collection, verb by verb; nothing that is not here. */
export function Grants({ plugin }: { plugin: Plugin }) {
  const grants = useQuery(grantsQuery(plugin.id));
  return (
    <Section title={t("grants.title")} description={t("grants.text")}>
      <QueryView query={grants} label={t("grants.title")} skeleton={<Skeleton className="h-24 w-full" />}>
        {({ records = [] }) => <GrantsForm key={JSON.stringify(records)} plugin={plugin} stored={records} />}
      </QueryView>
    </Section>
  );
}

function GrantsForm({ plugin, stored }: { plugin: Plugin; stored: Grant[] }) {
  const queryClient = useQueryClient();
  const [grants, setDraft] = useState(stored);
  const collections = useQuery(collectionsQuery());
  const free = (collections.data ?? [])
    .filter(({ system, name }) => !system && !grants.some(({ collection }) => collection === name))
    .map(({ name }) => name);
  const dirty = JSON.stringify(grants) !== JSON.stringify(stored);

  const save = useMutation({
    mutationFn: () => setGrants(plugin.id, grants),
    onSuccess: (saved) => {
      queryClient.setQueryData(grantsQuery(plugin.id).queryKey, saved);
      toast.success(t("grants.saved"));
    },
  });

  const put = (at: number, part: Partial<Grant>) =>
    setDraft(grants.map((grant, index) => (index === at ? { ...grant, ...part } : grant)));
  const add = () =>
    setDraft([...grants, { collection: free[0] ?? "", verbs: ["list", "view"], as: "caller" }]);
  const problems = save.error ? toApiError(save.error).fields : {};

  return (
    <div className="grid gap-3">
      <UnsavedGuard dirty={dirty && !save.isSuccess} />
      <FormAlert error={save.error} fields={[]} />
      {grants.length === 0 ? (
        <Notice
          icon={ShieldCheck}
          title={t("grants.empty.title")}
          className="py-8"
          actions={
            <Button disabled={free.length === 0} onClick={add}>
              <Plus aria-hidden />
              {t("grants.add")}
            </Button>
          }
        >
          {t("grants.empty.text")}
        </Notice>
      ) : (
        <Card className="overflow-hidden">
          <ul aria-label={t("grants.title")} className="divide-y divide-line">
            {grants.map((grant, index) => (
              <GrantRow
                // biome-ignore lint/suspicious/noArrayIndexKey: a grant has nothing else that stays.
                key={index}
                grant={grant}
                choices={[grant.collection, ...free]}
                error={
                  Object.entries(problems).find(([path]) => path.startsWith(`records.${index}.`))?.[1].message
                }
                onChange={(part) => put(index, part)}
                onRemove={() => setDraft(grants.filter((_, at) => at !== index))}
              />
            ))}
          </ul>
          <div className="border-line border-t bg-sunken/60 p-2">
            <Button variant="ghost" className="w-full" disabled={free.length === 0} onClick={add}>
              <Plus aria-hidden />
              {t("grants.add")}
            </Button>
          </div>
        </Card>
      )}
      {dirty && (
        <div className="flex justify-end gap-2">
          <Button onClick={() => setDraft(stored)}>{t("collection.discard")}</Button>
          <Button variant="primary" pending={save.isPending} onClick={() => save.mutate()}>
            {t("grants.save")}
          </Button>
        </div>
      )}
    </div>
  );
}

interface GrantRowProps {
  grant: Grant;
  choices: string[];
  error: string | undefined;
  onChange: (part: Partial<Grant>) => void;
  onRemove: () => void;
}

function GrantRow({ grant, choices, error, onChange, onRemove }: GrantRowProps) {
  const id = useId();
  const toggle = (verb: string, on: boolean) =>
    onChange({ verbs: verbs.filter((each) => (each === verb ? on : grant.verbs.includes(each))) });
  return (
    <li className="grid gap-3 px-4 py-3.5">
      <div className="flex flex-wrap items-center gap-2">
        <Select
          aria-label={t("grants.collection")}
          className="w-full sm:w-56"
          value={grant.collection}
          onChange={(event) => onChange({ collection: event.target.value })}
        >
          {choices.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
        <Select
          aria-label={t("grants.as")}
          className="min-w-0 flex-1 sm:max-w-72"
          value={grant.as}
          onChange={(event) => onChange({ as: event.target.value as Grant["as"] })}
        >
          <option value="caller">{t("grants.asCaller")}</option>
          <option value="plugin">{t("grants.asPlugin")}</option>
        </Select>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("grants.remove", { collection: grant.collection })}
          className="ml-auto hover:bg-danger-soft hover:text-danger"
          onClick={onRemove}
        >
          <Trash2 aria-hidden />
        </Button>
      </div>
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">{t("grants.verbs", { collection: grant.collection })}</legend>
        {verbs.map((verb) => (
          <Choice
            key={verb}
            id={`${id}-${verb}`}
            label={t(verbLabels[verb])}
            checked={grant.verbs.includes(verb)}
            onChange={(on) => toggle(verb, on)}
          />
        ))}
      </fieldset>
      {error && <p className="text-danger text-xs">{error}</p>}
    </li>
  );
}
