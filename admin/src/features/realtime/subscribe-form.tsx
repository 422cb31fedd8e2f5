import { useQuery } from "@tanstack/react-query";
import { Plus, Radio } from "lucide-react";
import { type FormEvent, useState } from "react";
import { collectionsQuery } from "@/api/queries";
import { CollectionIcon } from "@/components/collection-type";
import { Combobox } from "@/components/combobox";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

interface SubscribeFormProps {
  onSubscribe: (topic: string, filter: string, own?: boolean) => Promise<void>;
}

/** Stands for a topic without a collection: no collection is called so. */
const ownTopic = ":own";

/** Puts a topic together: a collection, one of its records or all, and a filter. */
export function SubscribeForm({ onSubscribe }: SubscribeFormProps) {
  const [collection, setCollection] = useState("");
  const [record, setRecord] = useState("");
  const [filter, setFilter] = useState("");
  const [problem, setProblem] = useState<string>();
  const [pending, setPending] = useState(false);
  const collections = useQuery(collectionsQuery());
  const options = (collections.data ?? [])
    .filter(({ type }) => type !== "view")
    .map(({ name, type }) => ({
      value: name,
      label: name,
      icon: <CollectionIcon type={type} className="text-ink-soft" />,
    }));
  options.push({
    value: ownTopic,
    label: t("realtime.ownTopic"),
    icon: <Radio aria-hidden className="text-ink-soft" />,
  });

  const own = collection === ownTopic;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (own && record.trim() === "") return setProblem(t("realtime.nameFirst"));
    if (collection === "") return setProblem(t("realtime.chooseFirst"));
    setPending(true);
    setProblem(undefined);
    try {
      if (own) await onSubscribe(record.trim(), "", true);
      else await onSubscribe(`${collection}/${record.trim() || "*"}`, filter.trim());
      setRecord("");
      setFilter("");
    } catch (error) {
      setProblem((error instanceof Error && error.message) || t("realtime.refused"));
    } finally {
      setPending(false);
    }
  };

  return (
    <Card className="p-4 sm:p-5">
      <form
        noValidate
        onSubmit={(event) => void submit(event)}
        className="grid items-start gap-4 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,2fr)_auto]"
      >
        <Field label={t("realtime.collection")} error={problem}>
          {(control) => (
            <Combobox
              control={control}
              options={options}
              value={collection}
              onChange={setCollection}
              placeholder={t("setting.collectionChoose")}
              searchLabel={t("collections.search")}
            />
          )}
        </Field>
        <Field label={t(own ? "realtime.topic" : "realtime.record")}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              placeholder={own ? undefined : t("realtime.recordAll")}
              value={record}
              onChange={(event) => setRecord(event.target.value)}
            />
          )}
        </Field>
        {own ? (
          <span aria-hidden className="max-md:hidden" />
        ) : (
          <Field label={t("realtime.filter")}>
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                spellCheck={false}
                className="font-mono text-base sm:text-[0.8125rem]"
                placeholder={t("realtime.filterHint")}
                value={filter}
                onChange={(event) => setFilter(event.target.value)}
              />
            )}
          </Field>
        )}
        <Button type="submit" variant="primary" pending={pending} className="md:mt-[1.6875rem]">
          {!pending && <Plus aria-hidden />}
          {t("realtime.subscribe")}
        </Button>
      </form>
    </Card>
  );
}
