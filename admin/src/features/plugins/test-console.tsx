import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { FlaskConical, Play } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { type TrialRequest, tryHook } from "@/api/plugin-watch";
import { attachmentsQuery, collectionsQuery, keys, versionsQuery } from "@/api/queries";
import type { Collection, Plugin } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { Section } from "@/components/page";
import { Notice } from "@/components/query-view";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { AsField } from "./as-field";
import { writeHooks } from "./hooks";
import type { PluginSearch } from "./search";
import { TestResult } from "./test-result";
import { TestSample } from "./test-sample";

const route = getRouteApi("/shell/plugins/$id");

/** Calls a hook on a sample and shows everything it did, while nothing is done. */
export function TestConsole({ plugin }: { plugin: Plugin }) {
  const { hook: wantedHook, collection: wantedCollection } = route.useSearch();
  const navigate = route.useNavigate();
  const collections = useQuery(collectionsQuery());
  const attachments = useQuery(attachmentsQuery(plugin.id));
  const hooks = writeHooks(plugin.exports);
  const possible = (collections.data ?? []).filter(({ type, system }) => type !== "view" && !system);
  const usual = attachments.data?.[0];
  const hook = hooks.find(({ name }) => name === (wantedHook ?? usual?.hooks[0])) ?? hooks[0];
  const collection =
    possible.find(({ name }) => name === (wantedCollection ?? usual?.collection)) ?? possible[0];
  const choose = (part: Partial<PluginSearch>) =>
    void navigate({ search: (current) => ({ ...current, ...part }), replace: true });

  return (
    <Section title={t("test.title")} description={t("test.text")}>
      {hook && collection && attachments.data ? (
        <Console
          key={`${hook.name}/${collection.name}`}
          plugin={plugin}
          hook={hook.name}
          collection={collection}
          configured={
            attachments.data.find(
              ({ collection: name, hooks: at }) => name === collection.name && at.includes(hook.name),
            )?.config ?? {}
          }
        >
          <Field label={t("test.hook")}>
            {(control) => (
              <Select
                {...control}
                value={hook.name}
                onChange={({ target }) => choose({ hook: target.value })}
              >
                {hooks.map(({ name, label }) => (
                  <option key={name} value={name}>
                    {t(label)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={t("attach.collection")}>
            {(control) => (
              <Select
                {...control}
                value={collection.name}
                onChange={({ target }) => choose({ collection: target.value })}
              >
                {possible.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </Console>
      ) : (
        <Notice icon={FlaskConical} title={t("test.none")} className="py-8">
          {hooks.length === 0 ? t("test.noHooks") : t("test.noCollections")}
        </Notice>
      )}
    </Section>
  );
}

interface ConsoleProps {
  plugin: Plugin;
  hook: string;
  collection: Collection;
  configured: Record<string, unknown>;
  /** What chooses the hook and the collection. */
  children: React.ReactNode;
}

function Console({ plugin, hook, collection, configured, children }: ConsoleProps) {
  const versions = useQuery(versionsQuery(plugin.id));
  const [version, setVersion] = useState("");
  const [asGuest, setAsGuest] = useState(false);
  const [request, setRequest] = useState<TrialRequest | null>(null);
  const queryClient = useQueryClient();
  const trial = useMutation({
    mutationFn: (body: TrialRequest) => tryHook(plugin.id, body),
    // To call a plugin is to load it.
    onSettled: () => void queryClient.invalidateQueries({ queryKey: keys.plugins, exact: true }),
  });
  const problems = trial.error ? toApiError(trial.error).fields : {};

  const run = (event: FormEvent) => {
    event.preventDefault();
    if (!request || trial.isPending) return;
    trial.mutate({ ...request, ...(version && { version }), ...(asGuest && { as: "guest" }) });
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 lg:grid-cols-2">
      <Card className="p-4 sm:p-5">
        <form
          noValidate
          className="grid grid-cols-[minmax(0,1fr)] gap-4"
          onSubmit={run}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(event);
          }}
        >
          <FormAlert error={trial.error} fields={["record", "original", "config"]} />
          <div className="grid gap-4 sm:grid-cols-2">
            {children}
            <Field label={t("versions.version")} error={problems.version?.message}>
              {(control) => (
                <Select {...control} value={version} onChange={({ target }) => setVersion(target.value)}>
                  <option value="">{t("test.current", { version: plugin.version })}</option>
                  {(versions.data ?? [])
                    .filter((each) => each.version !== plugin.version)
                    .map((each) => (
                      <option key={each.version} value={each.version}>
                        {each.version}
                      </option>
                    ))}
                </Select>
              )}
            </Field>
            <AsField asGuest={asGuest} onChange={setAsGuest} />
          </div>
          <TestSample
            hook={hook}
            collection={collection}
            configured={configured}
            problems={problems}
            onChange={setRequest}
          />
          <div className="flex items-center gap-3">
            <Button type="submit" variant="primary" pending={trial.isPending} disabled={!request}>
              {!trial.isPending && <Play aria-hidden />}
              {t("test.run")}
            </Button>
            <span className="text-ink-soft text-xs max-sm:hidden">{t("test.keys")}</span>
          </div>
        </form>
      </Card>
      {trial.data && trial.variables ? (
        <TestResult trial={trial.data} request={trial.variables} />
      ) : (
        <Notice icon={FlaskConical} title={t("test.waiting")} className="py-8">
          {t("test.waitingText")}
        </Notice>
      )}
    </div>
  );
}
