/** The smaller parts of the grants: secrets, mail, topics, files, and what is only on or off. */
import { useQuery } from "@tanstack/react-query";
import { secretsQuery } from "@/api/plugin-secrets";
import { LinesField } from "@/components/lines-field";
import { ToggleRow } from "@/components/toggle-row";
import { t } from "@/i18n";
import { Field, Fieldset } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { problemAt } from "./config-problems";
import type { PartEditorProps } from "./grants";
import { Choice } from "./names-field";
import { Secrets } from "./secrets";

export function GrantSecrets({ plugin, draft, problems, onChange }: PartEditorProps) {
  const secrets = useQuery(secretsQuery(plugin.id));
  const stored = (secrets.data ?? []).map(({ name }) => name);
  const part = (key: "secrets" | "signing") => {
    const chosen = draft[key] ?? [];
    const names = [...new Set([...stored, ...chosen])];
    return (
      names.length > 0 && (
        <Fieldset
          legend={t(key === "secrets" ? "grants.placeholders" : "grants.signing")}
          help={t(key === "secrets" ? "grants.placeholdersHelp" : "grants.signingHelp")}
          error={problemAt(problems, key)}
        >
          <div className="flex flex-wrap gap-2">
            {names.map((name) => (
              <Choice
                key={name}
                id={`grant-${key}-${name}`}
                label={name}
                mono
                checked={chosen.includes(name)}
                onChange={(on) =>
                  onChange({ [key]: names.filter((each) => (each === name ? on : chosen.includes(each))) })
                }
              />
            ))}
          </div>
        </Fieldset>
      )
    );
  };
  return (
    <div className="grid gap-4">
      <Secrets plugin={plugin} />
      {part("secrets")}
      {part("signing")}
    </div>
  );
}

export function GrantMail({ draft: { mail }, problems, onChange }: PartEditorProps) {
  const kind = !mail ? "nobody" : Array.isArray(mail.to) ? "list" : mail.to;
  const choose = (next: string) => {
    if (next === "nobody") return onChange({ mail: undefined });
    const to = next === "list" ? [] : (next as "any" | "users");
    onChange({ mail: { ...mail, to } });
  };
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={t("grants.mailTo")} error={problems["mail.to"] ?? problems.mail}>
        {(control) => (
          <Select {...control} value={kind} onChange={({ target }) => choose(target.value)}>
            <option value="nobody">{t("grants.mailNobody")}</option>
            <option value="users">{t("grants.mailUsers")}</option>
            <option value="list">{t("grants.mailList")}</option>
            <option value="any">{t("grants.mailAny")}</option>
          </Select>
        )}
      </Field>
      {mail && (
        <Field label={t("grants.mailPerDay")} error={problems["mail.perDay"]}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              placeholder={t("attachment.usual")}
              value={mail.perDay === undefined ? "" : String(mail.perDay)}
              onChange={({ target }) =>
                onChange({
                  mail: { ...mail, perDay: target.value === "" ? undefined : target.valueAsNumber },
                })
              }
            />
          )}
        </Field>
      )}
      {mail && Array.isArray(mail.to) && (
        <div className="sm:col-span-2">
          <LinesField
            label={t("grants.mailAddresses")}
            help={t("grants.mailAddressesHelp")}
            error={problemAt(problems, "mail.to")}
            value={mail.to}
            onChange={(to) => onChange({ mail: { ...mail, to } })}
          />
        </div>
      )}
    </div>
  );
}

export function GrantTopics({ draft, problems, onChange }: PartEditorProps) {
  return (
    <LinesField
      label={t("grants.topics")}
      help={t("grants.topicsHelp")}
      placeholder={t("grants.topicExample")}
      error={problemAt(problems, "realtime")}
      value={draft.realtime ?? []}
      onChange={(realtime) => onChange({ realtime })}
    />
  );
}

const fileVerbs = ["read", "write"] as const;
const fileWords = {
  read: { label: "grants.filesRead", help: "grants.filesReadHelp" },
  write: { label: "grants.filesWrite", help: "grants.filesWriteHelp" },
} as const;

export function GrantFiles({ draft: { files = [] }, onChange }: PartEditorProps) {
  return (
    <div className="grid gap-4">
      {fileVerbs.map((verb) => (
        <ToggleRow
          key={verb}
          label={t(fileWords[verb].label)}
          help={t(fileWords[verb].help)}
          checked={files.includes(verb)}
          onChange={(on) =>
            onChange({ files: fileVerbs.filter((each) => (each === verb ? on : files.includes(each))) })
          }
        />
      ))}
    </div>
  );
}

export function GrantSwitch({ name, draft, onChange }: PartEditorProps & { name: "clock" | "random" }) {
  return (
    <ToggleRow
      label={t(name === "clock" ? "grants.clock" : "grants.random")}
      checked={draft[name] === true}
      onChange={(on) => onChange({ [name]: on })}
    />
  );
}
