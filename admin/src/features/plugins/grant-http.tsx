import { LinesField } from "@/components/lines-field";
import { ToggleRow } from "@/components/toggle-row";
import { t } from "@/i18n";
import { Field, Fieldset } from "@/ui/field";
import { Input } from "@/ui/input";
import { problemAt } from "./config-problems";
import type { PartEditorProps } from "./grants";
import { Choice } from "./names-field";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const kib = 1024;

/** Which servers may be asked, how, and how much may pass. */
export function GrantHttp({ draft, problems, onChange }: PartEditorProps) {
  const http = draft.http ?? { hosts: [] };
  const put = (part: Partial<typeof http>) => {
    const next = { ...http, ...part };
    // Without a host there is nothing to grant.
    onChange({ http: next.hosts.length > 0 ? next : undefined });
  };
  const chosen = http.methods ?? ["GET"];
  return (
    <div className="grid gap-4">
      <LinesField
        label={t("grants.hosts")}
        help={t("grants.hostsHelp")}
        placeholder={t("grants.hostExample")}
        error={problemAt(problems, "http.hosts") ?? problems.http}
        value={http.hosts}
        onChange={(hosts) => put({ hosts })}
      />
      {http.hosts.length > 0 && (
        <>
          <Fieldset legend={t("grants.methods")} error={problemAt(problems, "http.methods")}>
            <div className="flex flex-wrap gap-2">
              {methods.map((method) => (
                <Choice
                  key={method}
                  id={`grant-method-${method}`}
                  label={method}
                  mono
                  checked={chosen.includes(method)}
                  onChange={(on) =>
                    put({
                      methods: methods.filter((each) => (each === method ? on : chosen.includes(each))),
                    })
                  }
                />
              ))}
            </div>
          </Fieldset>
          <div className="grid gap-4 sm:grid-cols-2">
            <Kibibytes
              label={t("grants.perCall")}
              value={http.bytesPerCall}
              error={problems["http.bytesPerCall"]}
              onChange={(bytesPerCall) => put({ bytesPerCall })}
            />
            <Kibibytes
              label={t("grants.perDay")}
              value={http.bytesPerDay}
              error={problems["http.bytesPerDay"]}
              onChange={(bytesPerDay) => put({ bytesPerDay })}
            />
          </div>
          <ToggleRow
            label={t("grants.insecure")}
            help={t("grants.insecureHelp")}
            checked={http.insecure === true}
            onChange={(insecure) => put({ insecure })}
          />
        </>
      )}
    </div>
  );
}

interface KibibytesProps {
  label: string;
  value: number | undefined;
  error: string | undefined;
  onChange: (bytes: number | undefined) => void;
}

function Kibibytes({ label, value, error, onChange }: KibibytesProps) {
  return (
    <Field label={label} error={error}>
      {(control) => (
        <Input
          {...control}
          type="number"
          min={1}
          placeholder={t("attachment.usual")}
          value={value === undefined ? "" : String(Math.round(value / kib))}
          onChange={({ target }) =>
            onChange(target.value === "" ? undefined : Math.round(target.valueAsNumber * kib))
          }
        />
      )}
    </Field>
  );
}
