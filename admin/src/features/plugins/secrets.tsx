import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { deleteSecret, type SecretDraft, secretsQuery, setSecret } from "@/api/plugin-secrets";
import type { Plugin, PluginSecret } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { FormAlert } from "@/components/form-alert";
import { LinesField } from "@/components/lines-field";
import { Moment } from "@/components/moment";
import { PasswordInput } from "@/components/password-input";
import { QueryView } from "@/components/query-view";
import { formatList } from "@/format";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";

/** The secrets that are kept for a plugin: set, replaced, forgotten, never shown. */
export function Secrets({ plugin }: { plugin: Plugin }) {
  const queryClient = useQueryClient();
  const secrets = useQuery(secretsQuery(plugin.id));
  const [draft, setDraft] = useState<Partial<SecretDraft> | null>(null);
  const [leaving, setLeaving] = useState<PluginSecret | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: secretsQuery(plugin.id).queryKey });

  const forget = useMutation({
    mutationFn: ({ name }: PluginSecret) => deleteSecret(plugin.id, name),
    onSuccess: async () => {
      await refresh();
      setLeaving(null);
    },
  });

  return (
    <div className="grid gap-2">
      <QueryView query={secrets} label={t("secrets.title")} skeleton={<Skeleton className="h-10 w-full" />}>
        {(all) => (
          <ul
            aria-label={t("secrets.title")}
            className="divide-y divide-line rounded-lg border border-line empty:hidden"
          >
            {all.map((secret) => (
              <li key={secret.name} className="flex items-center gap-3 px-3 py-1.5">
                <KeyRound aria-hidden className="size-4 shrink-0 text-ink-soft" />
                <div className="grid min-w-0 flex-1">
                  <span className="font-mono text-[0.8125rem]">{secret.name}</span>
                  <span className="text-ink-soft text-xs [overflow-wrap:anywhere]">
                    {secret.hosts.length > 0
                      ? t("secrets.bound", { hosts: formatList(secret.hosts) })
                      : t("secrets.unbound")}
                    {" · "}
                    <Moment value={secret.updated} />
                  </span>
                </div>
                <Button
                  size="sm"
                  variant="ghost"
                  aria-label={t("secrets.replaceOf", { name: secret.name })}
                  onClick={() => setDraft(secret)}
                >
                  {t("secrets.replace")}
                </Button>
                <Button
                  size="icon-sm"
                  variant="ghost"
                  aria-label={t("secrets.forgetOf", { name: secret.name })}
                  className="hover:bg-danger-soft hover:text-danger"
                  onClick={() => {
                    forget.reset();
                    setLeaving(secret);
                  }}
                >
                  <Trash2 aria-hidden />
                </Button>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      <Button size="sm" className="w-fit" onClick={() => setDraft({})}>
        <Plus aria-hidden />
        {t("secrets.add")}
      </Button>
      <Dialog open={draft !== null} onOpenChange={(open) => !open && setDraft(null)}>
        <DialogContent
          title={draft?.name ? t("secrets.replaceTitle", { name: draft.name }) : t("secrets.add")}
          description={t("secrets.text")}
          closeLabel={t("action.close")}
        >
          {draft && (
            <SecretForm
              pluginId={plugin.id}
              begun={draft}
              onDone={async () => {
                await refresh();
                setDraft(null);
                toast.success(t("secrets.saved"));
              }}
              onClose={() => setDraft(null)}
            />
          )}
        </DialogContent>
      </Dialog>
      <ConfirmDialog
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        title={t("secrets.forgetTitle", { name: leaving?.name ?? "" })}
        description={t("secrets.forgetText")}
        confirm={t("secrets.forget")}
        onConfirm={() => leaving && forget.mutate(leaving)}
        pending={forget.isPending}
        error={forget.error}
      />
    </div>
  );
}

interface SecretFormProps {
  pluginId: string;
  begun: Partial<SecretDraft>;
  onDone: () => Promise<void>;
  onClose: () => void;
}

function SecretForm({ pluginId, begun, onDone, onClose }: SecretFormProps) {
  const [draft, setDraft] = useState<SecretDraft>({
    name: begun.name ?? "",
    value: "",
    hosts: begun.hosts ?? [],
  });
  const save = useMutation({ mutationFn: () => setSecret(pluginId, draft), onSuccess: onDone });
  const problems = save.error ? toApiError(save.error).fields : {};
  const hostProblem = Object.entries(problems).find(([path]) => path.startsWith("hosts"))?.[1].message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The form that this one lies in must not hear of it.
    event.stopPropagation();
    if (!save.isPending) save.mutate();
  };
  return (
    <form noValidate className="flex min-h-0 flex-1 flex-col" onSubmit={submit}>
      <DialogBody className="grid content-start gap-5">
        <FormAlert error={save.error} fields={["name", "value", "hosts"]} />
        <Field label={t("secrets.name")} help={t("secrets.nameHelp")} error={problems.name?.message}>
          {(control) => (
            <Input
              {...control}
              className="font-mono"
              autoComplete="off"
              spellCheck={false}
              readOnly={begun.name !== undefined}
              value={draft.name}
              onChange={({ target }) => setDraft({ ...draft, name: target.value })}
            />
          )}
        </Field>
        <Field label={t("secrets.value")} help={t("secrets.valueHelp")} error={problems.value?.message}>
          {(control) => (
            <PasswordInput
              {...control}
              autoComplete="off"
              value={draft.value}
              onChange={({ target }) => setDraft({ ...draft, value: target.value })}
            />
          )}
        </Field>
        <LinesField
          label={t("secrets.hosts")}
          help={t("secrets.hostsHelp")}
          placeholder={t("grants.hostExample")}
          error={hostProblem}
          value={draft.hosts}
          onChange={(hosts) => setDraft({ ...draft, hosts })}
        />
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" variant="primary" pending={save.isPending}>
          {t("action.save")}
        </Button>
      </DialogFooter>
    </form>
  );
}
