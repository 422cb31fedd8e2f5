import { useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useId } from "react";
import { collectionsQuery } from "@/api/queries";
import type { Grant } from "@/api/types";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Select } from "@/ui/select";
import { Choice } from "./names-field";

const verbs = ["list", "view", "create", "update", "delete"] as const;
const verbLabels = {
  list: "rule.list",
  view: "rule.view",
  create: "rule.create",
  update: "rule.update",
  delete: "rule.delete",
} as const;

interface GrantRecordsProps {
  grants: Grant[];
  /** By path below `records`: `0.collection`. */
  problems: Record<string, string>;
  onChange: (grants: Grant[]) => void;
}

/** Collection by collection, verb by verb. */
export function GrantRecords({ grants, problems, onChange }: GrantRecordsProps) {
  const collections = useQuery(collectionsQuery());
  const free = (collections.data ?? [])
    .filter(({ system, name }) => !system && !grants.some(({ collection }) => collection === name))
    .map(({ name }) => name);
  const put = (at: number, part: Partial<Grant>) =>
    onChange(grants.map((grant, index) => (index === at ? { ...grant, ...part } : grant)));
  return (
    <div className="-mx-5 -mb-4">
      <ul aria-label={t("grants.title")} className="divide-y divide-line border-line border-t empty:border-0">
        {grants.map((grant, index) => (
          <GrantRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a grant has nothing else that stays.
            key={index}
            grant={grant}
            choices={[grant.collection, ...free]}
            error={Object.entries(problems).find(([path]) => path.startsWith(`${index}.`))?.[1]}
            onChange={(part) => put(index, part)}
            onRemove={() => onChange(grants.filter((_, at) => at !== index))}
          />
        ))}
      </ul>
      <div className="border-line border-t bg-sunken/60 p-2">
        <Button
          variant="ghost"
          className="w-full"
          disabled={free.length === 0}
          onClick={() =>
            onChange([...grants, { collection: free[0] ?? "", verbs: ["list", "view"], as: "caller" }])
          }
        >
          <Plus aria-hidden />
          {t("grants.add")}
        </Button>
      </div>
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
    <li className="grid gap-3 px-5 py-3.5">
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
      <p className="text-ink-soft text-xs leading-5">
        {t(grant.as === "caller" ? "grants.asCallerText" : "grants.asPluginText")}
      </p>
      {error && <p className="text-danger text-xs">{error}</p>}
    </li>
  );
}
