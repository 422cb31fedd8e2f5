import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { toApiError } from "@/api/errors";
import { grantsQuery, setGrants } from "@/api/queries";
import type { Grants as Given, Plugin } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { Section } from "@/components/page";
import { QueryView } from "@/components/query-view";
import { UnsavedGuard } from "@/components/unsaved-guard";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { type Capability, describeCapabilities } from "./capabilities";
import { consentOf, isGranted, requested } from "./consent";
import { GrantHttp } from "./grant-http";
import { GrantFiles, GrantMail, GrantSecrets, GrantSwitch, GrantTopics } from "./grant-parts";
import { GrantRecords } from "./grant-records";

/** What the plugin may do, capability by capability, as far as it asks for it; nothing that is not here. */
export function Grants({ plugin }: { plugin: Plugin }) {
  const grants = useQuery(grantsQuery(plugin.id));
  return (
    <Section title={t("grants.title")} description={t("grants.text")}>
      <QueryView query={grants} label={t("grants.title")} skeleton={<Skeleton className="h-24 w-full" />}>
        {(stored) => <GrantsForm key={JSON.stringify(stored)} plugin={plugin} stored={stored} />}
      </QueryView>
    </Section>
  );
}

function GrantsForm({ plugin, stored }: { plugin: Plugin; stored: Given }) {
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(stored);
  // Fields keep a text of their own; what is filled in from outside makes them anew.
  const [edition, setEdition] = useState(0);
  const dirty = JSON.stringify(draft) !== JSON.stringify(stored);
  const wanted = requested(plugin);

  const save = useMutation({
    mutationFn: () => setGrants(plugin.id, draft),
    onSuccess: (saved) => {
      queryClient.setQueryData(grantsQuery(plugin.id).queryKey, saved);
      toast.success(t("grants.saved"));
    },
  });

  const refill = (next: Given) => {
    setDraft(next);
    setEdition(edition + 1);
    save.reset();
  };
  const problems = Object.fromEntries(
    Object.entries(save.error ? toApiError(save.error).fields : {}).map(([path, { message }]) => [
      path,
      message,
    ]),
  );
  const asked = describeCapabilities(plugin.capabilities.filter(isGranted));

  return (
    <div className="grid gap-3">
      <UnsavedGuard
        dirty={dirty && !save.isSuccess}
        survives={(path) => path.endsWith(`/plugins/${plugin.id}`)}
      />
      <FormAlert error={save.error} fields={[]} onRetry={() => save.mutate()} />
      {wanted && (
        <Alert
          title={t("grants.requested")}
          actions={
            <Button size="sm" onClick={() => refill({ ...draft, ...wanted })}>
              {t("grants.fill")}
            </Button>
          }
        >
          {t("grants.requestedText")}
        </Alert>
      )}
      {asked.map((capability) => (
        <Part key={`${capability.name}-${edition}`} capability={capability} draft={draft}>
          <Editor
            plugin={plugin}
            name={capability.name}
            draft={draft}
            problems={problems}
            onChange={(part) => setDraft({ ...draft, ...part })}
          />
        </Part>
      ))}
      {dirty && (
        <section
          aria-label={t("collection.unsaved")}
          className="sticky bottom-16 z-20 flex flex-wrap items-center gap-2 rounded-xl border border-line bg-surface py-2.5 pr-2.5 pl-4 shadow-float sm:bottom-5"
        >
          <p role="status" className="mr-auto font-medium text-sm">
            {t("grants.unsaved")}
          </p>
          <Button size="sm" onClick={() => refill(stored)}>
            {t("collection.discard")}
          </Button>
          <Button size="sm" variant="primary" pending={save.isPending} onClick={() => save.mutate()}>
            {t("grants.save")}
          </Button>
        </section>
      )}
    </div>
  );
}

interface PartProps {
  capability: Capability;
  draft: Given;
  children: ReactNode;
}

function Part({ capability: { name, icon: Icon, label, text }, draft, children }: PartProps) {
  const given = consentOf(name, draft).state === "given";
  return (
    <Card className="grid gap-4 overflow-hidden px-5 py-4">
      <header className="flex items-start gap-3">
        <span className="mt-0.5 grid size-7 shrink-0 place-items-center rounded-lg bg-hover text-ink-soft">
          <Icon aria-hidden className="size-3.5" />
        </span>
        <div className="grid min-w-0 flex-1 gap-0.5">
          <h3 className="font-medium">{label}</h3>
          <p className="text-ink-soft text-sm">{text}</p>
        </div>
        <Badge tone={given ? "success" : "warning"}>{t(given ? "consent.given" : "consent.missing")}</Badge>
      </header>
      {children}
    </Card>
  );
}

export interface PartEditorProps {
  plugin: Plugin;
  draft: Given;
  /** By path, as the server sent them: `http.hosts.0`. */
  problems: Record<string, string>;
  onChange: (part: Partial<Given>) => void;
}

/** One entry per capability that can be granted; `consent.ts` has the words for the same ones. */
function Editor({ name, ...props }: PartEditorProps & { name: string }) {
  const { draft, problems, onChange } = props;
  switch (name) {
    case "records":
      return (
        <GrantRecords
          grants={draft.records ?? []}
          problems={under(problems, "records")}
          onChange={(records) => onChange({ records })}
        />
      );
    case "http-client":
      return <GrantHttp {...props} />;
    case "secrets":
      return <GrantSecrets {...props} />;
    case "mail":
      return <GrantMail {...props} />;
    case "realtime":
      return <GrantTopics {...props} />;
    case "files":
      return <GrantFiles {...props} />;
    default:
      return <GrantSwitch {...props} name={name === "clock" ? "clock" : "random"} />;
  }
}

/** What is below a path, by the rest of it. */
function under(problems: Record<string, string>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(problems)
      .filter(([path]) => path.startsWith(`${prefix}.`))
      .map(([path, message]) => [path.slice(prefix.length + 1), message]),
  );
}
