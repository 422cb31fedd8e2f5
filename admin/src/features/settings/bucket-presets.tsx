import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type StoragePreset, storagePresetsQuery } from "@/api/storage";
import { t } from "@/i18n";
import { Field } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";
import { Select } from "@/ui/select";
import { asksAccount, type PresetValues, presetValues } from "./preset-values";

/** Fills in what is special about the buckets of a known provider. */
export function BucketPresets({ onChange }: { onChange: (values: PresetValues) => void }) {
  const presets = useQuery(storagePresetsQuery());
  const [preset, setPreset] = useState<StoragePreset | null>(null);
  const [region, setRegion] = useState("");
  const [account, setAccount] = useState("");
  if (!presets.data) return null;

  const apply = (chosen: StoragePreset, at: string, of: string) => {
    setPreset(chosen);
    setRegion(at);
    setAccount(of);
    onChange(presetValues(chosen, at, of));
  };
  return (
    <div className="grid gap-3 rounded-lg bg-sunken px-3.5 py-3">
      <Field label={t("storage.preset")} help={preset ? preset.hint : t("storage.presetHelp")}>
        {(control) => (
          <Select
            {...control}
            className="max-w-64"
            value={preset?.id ?? ""}
            onChange={({ target }) => {
              const chosen = presets.data.find(({ id }) => id === target.value);
              if (chosen) apply(chosen, chosen.region, "");
              else setPreset(null);
            }}
          >
            <option value="">{t("storage.presetNone")}</option>
            {presets.data.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {preset?.endpoint.includes("{region}") && (
        <PlaceField
          label={t("storage.presetRegion")}
          value={region}
          onChange={(text) => apply(preset, text, account)}
        />
      )}
      {preset && asksAccount(preset) && (
        <PlaceField
          label={t("storage.presetAccount")}
          help={t("storage.presetAccountHelp")}
          value={account}
          onChange={(text) => apply(preset, region, text)}
        />
      )}
    </div>
  );
}

interface PlaceFieldProps {
  label: string;
  help?: string;
  value: string;
  onChange: (text: string) => void;
}

/** What goes into a place of the address: no word of a language, and without spaces around it. */
function PlaceField({ label, help, value, onChange }: PlaceFieldProps) {
  return (
    <Field label={label} help={help}>
      {(control) => (
        <Input
          {...control}
          {...verbatim}
          className="max-w-64 font-mono text-base sm:text-[0.8125rem]"
          value={value}
          onChange={({ target }) => onChange(target.value.trim())}
        />
      )}
    </Field>
  );
}
