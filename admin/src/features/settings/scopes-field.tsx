import { Plus, X } from "lucide-react";
import { useState } from "react";
import { type PlainKey, t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Select } from "@/ui/select";

const verbs = ["list", "view", "create", "update", "delete"] as const;
const verbLabels: Record<(typeof verbs)[number], PlainKey> = {
  list: "apiKeys.verb.list",
  view: "apiKeys.verb.view",
  create: "apiKeys.verb.create",
  update: "apiKeys.verb.update",
  delete: "apiKeys.verb.delete",
};

/** What is not about records. */
const others: { scope: string; label: PlainKey }[] = [
  { scope: "schema", label: "apiKeys.scope.schema" },
  { scope: "logs", label: "apiKeys.scope.logs" },
  { scope: "system", label: "apiKeys.scope.system" },
  { scope: "realtime:read", label: "apiKeys.scope.realtimeRead" },
  { scope: "realtime", label: "apiKeys.scope.realtime" },
  { scope: "settings:read", label: "apiKeys.scope.settingsRead" },
  { scope: "settings", label: "apiKeys.scope.settings" },
  { scope: "plugins:read", label: "apiKeys.scope.pluginsRead" },
  { scope: "plugins", label: "apiKeys.scope.plugins" },
];

interface ScopesFieldProps {
  collections: string[];
  value: string[];
  onChange: (scopes: string[]) => void;
}

/** Scopes are put together: verbs of a collection, or of all, and what is not about records. */
export function ScopesField({ collections, value, onChange }: ScopesFieldProps) {
  const [collection, setCollection] = useState("*");
  const [chosen, setChosen] = useState<string[]>(["list", "view"]);
  const toggle = (scope: string) =>
    onChange(value.includes(scope) ? value.filter((each) => each !== scope) : [...value, scope]);
  const add = () => {
    const all = chosen.length === verbs.length;
    const scopes = all ? [`${collection}:*`] : chosen.map((verb) => `${collection}:${verb}`);
    onChange([...new Set([...value, ...scopes])]);
  };

  return (
    <div className="grid gap-3">
      <ul aria-label={t("apiKeys.chosen")} className="flex flex-wrap gap-1.5 empty:hidden">
        {value.map((scope) => (
          <li key={scope}>
            <Badge tone="accent" className="gap-1 pr-0.5">
              <span className="font-mono">{scope}</span>
              <button
                type="button"
                aria-label={t("apiKeys.without", { scope })}
                className="grid size-6 place-items-center rounded hover:bg-hover"
                onClick={() => toggle(scope)}
              >
                <X aria-hidden className="size-3.5" />
              </button>
            </Badge>
          </li>
        ))}
      </ul>
      <div className="grid gap-3 rounded-lg border border-line p-3">
        <Select
          aria-label={t("apiKeys.collection")}
          value={collection}
          onChange={(event) => setCollection(event.target.value)}
        >
          <option value="*">{t("apiKeys.everyCollection")}</option>
          {collections.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
        <div className="flex flex-wrap gap-x-4 gap-y-2">
          {verbs.map((verb) => (
            <Tick
              key={verb}
              id={`scope-verb-${verb}`}
              label={t(verbLabels[verb])}
              checked={chosen.includes(verb)}
              onChange={() =>
                setChosen(
                  verbs.filter((each) => (each === verb ? !chosen.includes(verb) : chosen.includes(each))),
                )
              }
            />
          ))}
        </div>
        <Button size="sm" className="w-fit" disabled={chosen.length === 0} onClick={add}>
          <Plus aria-hidden />
          {t("apiKeys.addScopes")}
        </Button>
      </div>
      <div className="grid gap-2 sm:grid-cols-2">
        {others.map(({ scope, label }) => (
          <Tick
            key={scope}
            id={`scope-${scope}`}
            label={t(label)}
            checked={value.includes(scope)}
            onChange={() => toggle(scope)}
          />
        ))}
      </div>
    </div>
  );
}

interface TickProps {
  id: string;
  label: string;
  checked: boolean;
  onChange: () => void;
}

function Tick({ id, label, checked, onChange }: TickProps) {
  return (
    <label htmlFor={id} className="flex min-h-6 cursor-pointer items-center gap-2 text-sm">
      <Checkbox id={id} checked={checked} onCheckedChange={onChange} />
      {label}
    </label>
  );
}
