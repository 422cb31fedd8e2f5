import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { TrialRequest } from "@/api/plugin-watch";
import { sampleRecordsQuery } from "@/api/records";
import type { Collection, RecordData } from "@/api/types";
import { JsonField } from "@/components/json-field";
import { t } from "@/i18n";
import { Field } from "@/ui/field";
import { Folded } from "@/ui/folded";
import { Select } from "@/ui/select";
import { documentOf, madeUp, objectIn, takes, trialOf } from "./sample";

interface TestSampleProps {
  hook: string;
  collection: Collection;
  configured: Record<string, unknown>;
  problems: Record<string, { message: string }>;
  /** The request, or nothing while a text is no object. */
  onChange: (request: TrialRequest | null) => void;
}

const spelled = (value: unknown) => JSON.stringify(value, null, 2);

/** The record that a hook is called with, stored or made up, and the configuration it is told. */
export function TestSample({ hook, collection, configured, problems, onChange }: TestSampleProps) {
  const records = useQuery(sampleRecordsQuery(collection.name));
  const [stored, setStored] = useState<RecordData | null>(null);
  const [text, setText] = useState(() => spelled(madeUp(collection)));
  const [config, setConfig] = useState(() => spelled(configured));
  const document = objectIn(text);
  const settings = objectIn(config);
  const { draft, original } = takes(hook);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the texts hold follows from the texts.
  useEffect(() => {
    onChange(
      document && settings
        ? trialOf({
            hook,
            collection: collection.name,
            document,
            stored,
            config: config === spelled(configured) ? null : settings,
            version: "",
            asGuest: false,
          })
        : null,
    );
  }, [text, config, stored, hook, collection.name]);

  const choose = (id: string) => {
    const record = records.data?.find((each) => each.id === id) ?? null;
    setStored(record);
    setText(spelled(record ? documentOf(record) : madeUp(collection)));
  };
  const problem = (problems.record ?? problems.original)?.message;
  return (
    <>
      <Field label={t("test.sample")} help={draft && original ? t("test.sampleUpdate") : undefined}>
        {(control) => (
          <Select {...control} value={stored?.id ?? ""} onChange={({ target }) => choose(target.value)}>
            <option value="">{t("test.madeUp")}</option>
            {(records.data ?? []).map((record) => (
              <option key={record.id} value={record.id}>
                {titleOf(record, collection)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <JsonField
        label={t("test.record")}
        error={document ? problem : t("attachment.configProblem")}
        minLines={6}
        value={text}
        onChange={setText}
      />
      <Folded title={t("attachment.config")} must={!settings || problems.config !== undefined}>
        <JsonField
          label={t("test.config")}
          help={t("test.configHelp")}
          error={settings ? problems.config?.message : t("attachment.configProblem")}
          value={config}
          onChange={setConfig}
        />
      </Folded>
    </>
  );
}

/** The id with the first text that says more than it. */
function titleOf(record: RecordData, { fields }: Collection): string {
  const named = fields.find(({ presentable }) => presentable) ?? fields.find(({ name }) => name === "title");
  const title = named && record[named.name];
  return typeof title === "string" && title !== "" ? `${title} · ${record.id}` : record.id;
}
