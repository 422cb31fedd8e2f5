import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import {
  type PluginRoute,
  type RouteAccess,
  type RouteDraft,
  removeRoute,
  routeQuery,
  setRoute,
} from "@/api/plugin-moments";
import type { Plugin } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { CopyButton } from "@/components/copy-button";
import { FormAlert } from "@/components/form-alert";
import { Section } from "@/components/page";
import { QueryView } from "@/components/query-view";
import { ToggleRow } from "@/components/toggle-row";
import { type PlainKey, t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Fieldset } from "@/ui/field";
import { RadioGroup, RadioGroupItem } from "@/ui/radio-group";
import { Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { Choice } from "./choice";
import { placedProblems } from "./config-problems";
import { PlaceTerms } from "./place-terms";
import { RouteTry } from "./route-try";
import { objectIn } from "./sample";

/** Where a plugin answers requests, who may send them, and a way to send one. */
export function Route({ plugin }: { plugin: Plugin }) {
  const stored = useQuery(routeQuery(plugin.id));
  return (
    <Section title={t("route.title")} description={t("route.text")}>
      <QueryView query={stored} label={t("route.title")} skeleton={<Skeleton className="h-64 w-full" />}>
        {(route) => (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
            {route && <Address route={route} />}
            <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 lg:grid-cols-2">
              <RouteForm key={route ? "changed" : "given"} plugin={plugin} stored={route} />
              <RouteTry path={route?.path ?? null} />
            </div>
          </div>
        )}
      </QueryView>
    </Section>
  );
}

function Address({ route: { path, enabled } }: { route: PluginRoute }) {
  const url = window.location.origin + path;
  return (
    <Card className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-3">
      <Badge tone={enabled ? "success" : "outline"}>
        {t(enabled ? "route.answers" : "attachments.disabled")}
      </Badge>
      <code className="min-w-0 font-mono text-[0.8125rem] [overflow-wrap:anywhere]">{url}</code>
      <span className="ml-auto inline-flex items-center gap-1">
        <CopyButton value={url} what={t("route.address")} />
        {enabled && (
          <Button asChild size="icon-sm" variant="ghost">
            <a
              href={path}
              target="_blank"
              rel="noreferrer"
              aria-label={t("route.open")}
              title={t("route.open")}
            >
              <ExternalLink aria-hidden />
            </a>
          </Button>
        )}
      </span>
    </Card>
  );
}

const accesses = [
  { value: "superuser", title: "route.superuser", text: "route.superuserText" },
  { value: "user", title: "route.user", text: "route.userText" },
  { value: "guest", title: "route.guest", text: "route.guestText" },
] as const satisfies { value: RouteAccess; title: PlainKey; text: PlainKey }[];

const usual: RouteDraft = { access: "superuser", enabled: true, config: {}, limits: {} };

interface RouteFormProps {
  plugin: Plugin;
  stored: PluginRoute | null;
}

function RouteForm({ plugin, stored }: RouteFormProps) {
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<RouteDraft>(stored ?? usual);
  const [config, setConfig] = useState(() => JSON.stringify(draft.config, null, 2));
  const [leaving, setLeaving] = useState(false);
  const object = objectIn(config);
  const { queryKey } = routeQuery(plugin.id);

  const save = useMutation({
    mutationFn: () => {
      const { access, enabled, limits } = draft;
      return setRoute(plugin.id, { access, enabled, limits: limits ?? {}, config: object ?? {} });
    },
    onSuccess: (saved) => {
      queryClient.setQueryData(queryKey, saved);
      toast.success(t(stored ? "attachment.saved" : "route.given", { path: saved.path }));
    },
  });
  const remove = useMutation({
    mutationFn: () => removeRoute(plugin.id),
    onSuccess: () => {
      queryClient.setQueryData(queryKey, null);
      toast.success(t("route.removed", { plugin: plugin.name }));
    },
  });

  const set = (part: Partial<RouteDraft>) => setDraft({ ...draft, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (object && !save.isPending) save.mutate();
  };
  const problems = save.error ? toApiError(save.error).fields : {};
  return (
    <Card className="p-4 sm:p-5">
      <form noValidate className="grid grid-cols-[minmax(0,1fr)] gap-5" onSubmit={submit}>
        <FormAlert error={save.error} fields={placedProblems(problems, ["access"])} />
        <Fieldset legend={t("route.access")} error={problems.access?.message}>
          <RadioGroup
            aria-label={t("route.access")}
            value={draft.access}
            onValueChange={(access) => set({ access: access as RouteAccess })}
          >
            {accesses.map(({ value, title, text }) => (
              <Choice key={value} id={`access-${value}`} title={t(title)} text={t(text)}>
                <RadioGroupItem id={`access-${value}`} value={value} />
              </Choice>
            ))}
          </RadioGroup>
        </Fieldset>
        <ToggleRow
          label={t("attachment.enabled")}
          help={t("route.enabledHelp")}
          checked={draft.enabled}
          onChange={(enabled) => set({ enabled })}
        />
        <PlaceTerms
          plugin={plugin}
          stored={stored}
          limits={draft.limits}
          limitsHelp={t("route.limitsHelp")}
          routed
          config={config}
          problems={problems}
          onLimits={(limits) => set({ limits })}
          onConfig={setConfig}
        />
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" variant="primary" pending={save.isPending} disabled={object === null}>
            {t(stored ? "action.save" : "route.give")}
          </Button>
          {stored && (
            <Button
              variant="ghost"
              className="hover:bg-danger-soft hover:text-danger"
              onClick={() => {
                remove.reset();
                setLeaving(true);
              }}
            >
              {t("route.remove")}
            </Button>
          )}
        </div>
      </form>
      <ConfirmDialog
        open={leaving}
        onClose={() => setLeaving(false)}
        title={t("route.removeTitle", { plugin: plugin.name })}
        description={t("route.removeText")}
        confirm={t("route.remove")}
        onConfirm={() => remove.mutate()}
        pending={remove.isPending}
        error={remove.error}
      />
    </Card>
  );
}
