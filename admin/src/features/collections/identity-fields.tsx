import type { Collection } from "@/api/types";
import { t } from "@/i18n";
import { Checkbox } from "@/ui/checkbox";
import { Fieldset } from "@/ui/field";

interface IdentityFieldsProps {
  collection: Collection;
  error: string | undefined;
  onChange: (names: string[]) => void;
}

/** What somebody may sign in with besides the password: fields whose values are unique. */
export function IdentityFields({ collection, error, onChange }: IdentityFieldsProps) {
  const options = collection.passwordAuth as { identityFields?: string[] } | undefined;
  const chosen = options?.identityFields ?? [];
  const unique = collection.fields.filter(
    ({ name, type }) =>
      chosen.includes(name) || (["text", "email"].includes(type) && isUnique(collection, name)),
  );
  return (
    <Fieldset legend={t("auth.option.identity")} help={t("auth.option.identityHelp")} error={error}>
      <div className="flex flex-wrap gap-2">
        {unique.map(({ name }) => (
          <label
            key={name}
            htmlFor={`identity-${name}`}
            className="flex min-h-8 cursor-pointer items-center gap-2 rounded-lg border border-line px-2.5 font-mono text-[0.8125rem] hover:bg-hover/55"
          >
            <Checkbox
              id={`identity-${name}`}
              checked={chosen.includes(name)}
              onCheckedChange={(on) =>
                onChange(on ? [...chosen, name] : chosen.filter((each) => each !== name))
              }
            />
            {name}
          </label>
        ))}
      </div>
    </Fieldset>
  );
}

function isUnique({ indexes = [] }: Collection, name: string): boolean {
  return indexes.some(
    (sql) => /UNIQUE/i.test(sql) && new RegExp(`\\(\\s*[\`"[]?${name}[\`"\\]]?\\s*\\)`).test(sql),
  );
}
