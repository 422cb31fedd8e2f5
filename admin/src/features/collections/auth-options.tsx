import { ToggleRow } from "@/components/toggle-row";
import { type PlainKey, t } from "@/i18n";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Textarea } from "@/ui/textarea";
import { IdentityFields } from "./identity-fields";
import { ProvidersField } from "./providers-field";
import type { CollectionDraft } from "./use-collection-draft";

interface Option {
  /** Where it is in the definition: `otp.duration`. */
  path: string;
  label: PlainKey;
  help?: PlainKey;
  control: "toggle" | "seconds" | "count" | "line" | "text";
}

interface Group {
  title: PlainKey;
  text: PlainKey;
  options: Option[];
}

const mail = (name: string): Option[] => [
  { path: `${name}.subject`, label: "auth.option.subject", control: "line" },
  { path: `${name}.body`, label: "auth.option.body", control: "text" },
];
const token = (name: string, label: PlainKey): Option => ({
  path: `${name}.duration`,
  label,
  control: "seconds",
});

const groups: Group[] = [
  {
    title: "auth.option.password",
    text: "auth.option.passwordText",
    options: [{ path: "passwordAuth.enabled", label: "auth.option.enabled", control: "toggle" }],
  },
  {
    title: "auth.option.otp",
    text: "auth.option.otpText",
    options: [
      { path: "otp.enabled", label: "auth.option.enabled", control: "toggle" },
      { path: "otp.duration", label: "auth.option.duration", control: "seconds" },
      { path: "otp.length", label: "auth.option.length", control: "count" },
    ],
  },
  {
    title: "auth.option.mfa",
    text: "auth.option.mfaText",
    options: [
      { path: "mfa.enabled", label: "auth.option.enabled", control: "toggle" },
      { path: "mfa.duration", label: "auth.option.duration", control: "seconds" },
      { path: "mfa.rule", label: "auth.option.mfaRule", help: "auth.option.mfaRuleHelp", control: "line" },
    ],
  },
  {
    title: "auth.option.oauth2",
    text: "auth.option.oauth2Text",
    options: [{ path: "oauth2.enabled", label: "auth.option.enabled", control: "toggle" }],
  },
  {
    title: "auth.option.tokens",
    text: "auth.option.tokensText",
    options: [
      token("authToken", "auth.option.authToken"),
      token("verificationToken", "auth.option.verificationToken"),
      token("passwordResetToken", "auth.option.resetToken"),
      token("emailChangeToken", "auth.option.emailToken"),
      token("fileToken", "auth.option.fileToken"),
    ],
  },
  {
    title: "auth.option.alert",
    text: "auth.option.alertText",
    options: [
      { path: "authAlert.enabled", label: "auth.option.enabled", control: "toggle" },
      ...mail("authAlert.emailTemplate"),
    ],
  },
  { title: "auth.option.verifyMail", text: "auth.option.mailText", options: mail("verificationTemplate") },
  { title: "auth.option.resetMail", text: "auth.option.mailText", options: mail("resetPasswordTemplate") },
  {
    title: "auth.option.emailMail",
    text: "auth.option.mailText",
    options: mail("confirmEmailChangeTemplate"),
  },
];

interface AuthOptionsProps {
  draft: CollectionDraft;
  problems: Record<string, string>;
}

/** How accounts of the collection sign in, what their tokens last, what their mails say. */
export function AuthOptions({ draft, problems }: AuthOptionsProps) {
  const put = (path: string, value: unknown) => {
    const root = path.split(".")[0] as string;
    draft.set({ [root]: withPath(draft.collection[root], path.split(".").slice(1), value) });
  };
  return (
    <div className="grid gap-3">
      {groups.map(({ title, text, options }) => (
        <Card
          key={title}
          className="grid gap-x-8 gap-y-4 px-4 py-4 sm:px-5 lg:grid-cols-[16rem_minmax(0,1fr)]"
        >
          <div className="grid content-start gap-0.5">
            <h2 className="font-medium">{t(title)}</h2>
            <p className="text-ink-soft text-xs leading-5">{t(text)}</p>
          </div>
          <div className="grid gap-4">
            {options.map((option) => (
              <OptionControl
                key={option.path}
                option={option}
                value={atPath(draft.collection, option.path.split("."))}
                error={problems[option.path]}
                onChange={(value) => put(option.path, value)}
              />
            ))}
            {title === "auth.option.password" && (
              <IdentityFields
                collection={draft.collection}
                error={problems["passwordAuth.identityFields"]}
                onChange={(names) => put("passwordAuth.identityFields", names)}
              />
            )}
            {title === "auth.option.oauth2" && (
              <ProvidersField
                value={atPath(draft.collection, ["oauth2", "providers"])}
                error={Object.entries(problems).find(([path]) => path.startsWith("oauth2.providers"))?.[1]}
                onChange={(providers) => put("oauth2.providers", providers)}
              />
            )}
          </div>
        </Card>
      ))}
    </div>
  );
}

interface OptionControlProps {
  option: Option;
  value: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

function OptionControl({ option: { label, help, control }, value, error, onChange }: OptionControlProps) {
  if (control === "toggle")
    return <ToggleRow label={t(label)} checked={value === true} onChange={onChange} />;
  return (
    <Field label={t(label)} help={help && t(help)} error={error}>
      {(props) => {
        if (control === "text") {
          return (
            <Textarea
              {...props}
              rows={5}
              className="font-mono text-base sm:text-[0.8125rem]"
              value={String(value ?? "")}
              onChange={(event) => onChange(event.target.value)}
            />
          );
        }
        if (control === "line") {
          return (
            <Input
              {...props}
              value={String(value ?? "")}
              onChange={(event) => onChange(event.target.value)}
            />
          );
        }
        return (
          <Input
            {...props}
            type="number"
            inputMode="numeric"
            className="max-w-44 tabular-nums"
            value={typeof value === "number" ? String(value) : ""}
            onChange={({ target }) => onChange(target.value === "" ? 0 : target.valueAsNumber)}
          />
        );
      }}
    </Field>
  );
}

function atPath(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );
}

/** A copy with one value replaced. */
export function withPath(value: unknown, path: string[], next: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return next;
  const object = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return { ...object, [key]: withPath(object[key], rest, next) };
}
