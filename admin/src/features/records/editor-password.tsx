import { PasswordInput } from "@/components/password-input";
import { t } from "@/i18n";
import { Nothing } from "./cells";
import { defineKind } from "./editor";

/** Never read back: empty means that it stays as it is. */
export const kindEditor = defineKind<string>({
  kinds: ["password"],
  fromRecord: () => "",
  toWire: (draft, field) =>
    // The password of an account is sent twice; here it can be seen, so it is typed once.
    field.name === "password" && field.system === true
      ? { also: { password: draft, passwordConfirm: draft } }
      : { value: draft },
  Editor: ({ draft, onChange, control, record }) => (
    <PasswordInput
      {...control}
      autoComplete="new-password"
      placeholder={record ? t("record.password.keep") : undefined}
      value={draft}
      onChange={(event) => onChange(event.target.value)}
    />
  ),
  Cell: () => <Nothing />,
});
