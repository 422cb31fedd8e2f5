import { t } from "@/i18n";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";

/** In whose name something is tried out: one's own, or a guest's. */
export function AsField({ asGuest, onChange }: { asGuest: boolean; onChange: (asGuest: boolean) => void }) {
  return (
    <Field label={t("test.as")}>
      {(control) => (
        <Select
          {...control}
          value={asGuest ? "guest" : "me"}
          onChange={({ target }) => onChange(target.value === "guest")}
        >
          <option value="me">{t("test.asMe")}</option>
          <option value="guest">{t("test.asGuest")}</option>
        </Select>
      )}
    </Field>
  );
}
