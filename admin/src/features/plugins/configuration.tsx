import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { type PluginConfig, pluginConfigQuery, setPluginConfig } from "@/api/plugin-config";
import type { Plugin } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { Section } from "@/components/page";
import { QueryView } from "@/components/query-view";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { ConfigForm } from "./config-form";
import { ConfigOverrides } from "./config-overrides";
import { configProblems, placedProblems } from "./config-problems";
import { objectIn } from "./sample";

/** What a plugin is configured with wherever it is called, and where something else stands over it. */
export function Configuration({ plugin }: { plugin: Plugin }) {
  const config = useQuery(pluginConfigQuery(plugin.id));
  return (
    <Section title={t("attachment.config")} description={t("configuration.text")}>
      <QueryView
        query={config}
        label={t("attachment.config")}
        skeleton={<Skeleton className="h-40 w-full" />}
      >
        {(stored) => (
          <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <Form key={JSON.stringify(stored)} plugin={plugin} stored={stored} />
            <ConfigOverrides plugin={plugin} />
          </div>
        )}
      </QueryView>
    </Section>
  );
}

function Form({ plugin, stored }: { plugin: Plugin; stored: PluginConfig }) {
  const queryClient = useQueryClient();
  const begun = JSON.stringify(stored, null, 2);
  const [text, setText] = useState(begun);
  // Fields keep a text of their own; to discard it is to make them anew.
  const [edition, setEdition] = useState(0);
  const object = objectIn(text);
  const dirty = object === null || JSON.stringify(object) !== JSON.stringify(stored);

  const save = useMutation({
    mutationFn: (config: PluginConfig) => setPluginConfig(plugin.id, config),
    onSuccess: (saved) => {
      queryClient.setQueryData(pluginConfigQuery(plugin.id).queryKey, saved);
      toast.success(t("configuration.saved"));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (object && dirty && !save.isPending) save.mutate(object);
  };
  const problems = save.error ? toApiError(save.error).fields : {};
  return (
    <Card className="p-4 sm:p-5">
      <form noValidate className="grid grid-cols-[minmax(0,1fr)] gap-5" onSubmit={submit}>
        <UnsavedGuard dirty={dirty && !save.isSuccess} />
        <FormAlert error={save.error} fields={placedProblems(problems, [])} />
        <ConfigForm
          key={edition}
          schema={plugin.manifest?.config}
          text={text}
          problems={configProblems(problems)}
          onChange={setText}
        />
        <div className="flex flex-wrap items-center gap-2">
          <Button
            type="submit"
            variant="primary"
            pending={save.isPending}
            disabled={!dirty || object === null}
          >
            {t("action.save")}
          </Button>
          {dirty && (
            <Button
              onClick={() => {
                setText(begun);
                setEdition(edition + 1);
                save.reset();
              }}
            >
              {t("collection.discard")}
            </Button>
          )}
        </div>
      </form>
    </Card>
  );
}
