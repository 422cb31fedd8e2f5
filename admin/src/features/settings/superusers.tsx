import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { keys, sessionQuery } from "@/api/queries";
import { deleteRecord, recordsQuery, saveRecord } from "@/api/records";
import type { RecordData } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { type Column, DataTable, DataTableSkeleton } from "@/components/data-table";
import { FormAlert } from "@/components/form-alert";
import { Moment } from "@/components/moment";
import { Section } from "@/components/page";
import { PasswordInput } from "@/components/password-input";
import { QueryView } from "@/components/query-view";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";

const collection = "_superusers";

/** Who may do everything: the accounts of this dashboard. */
export function Superusers() {
  const queryClient = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<RecordData | null>(null);
  const session = useQuery(sessionQuery());
  const superusers = useQuery(recordsQuery(collection, { perPage: 200, sort: "email" }));

  const remove = useMutation({
    mutationFn: ({ id }: RecordData) => deleteRecord(collection, id),
    onSuccess: async (_, { email }) => {
      setLeaving(null);
      toast.success(t("superusers.deleted", { email: String(email) }));
      await queryClient.invalidateQueries({ queryKey: keys.records });
    },
  });

  const columns: Column<RecordData>[] = [
    {
      id: "email",
      header: t("login.email"),
      cell: ({ id, email }) => (
        <span className="flex flex-wrap items-center gap-2">
          <Link
            {...paths.record(collection, id)}
            className="font-medium underline-offset-4 [overflow-wrap:anywhere] hover:underline"
          >
            {String(email)}
          </Link>
          {id === session.data?.record.id && <Badge tone="accent">{t("superusers.you")}</Badge>}
        </span>
      ),
      skeleton: "w-48",
      card: "title",
    },
    {
      id: "created",
      header: t("superusers.created"),
      cell: ({ created }) => <Moment value={String(created)} />,
      className: "w-40 text-ink-soft",
      skeleton: "w-24",
      card: "line",
    },
    {
      id: "actions",
      header: t("attachments.column.actions"),
      headerHidden: true,
      cell: (record) => (
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("superusers.delete", { email: String(record.email) })}
          className="hover:bg-danger-soft hover:text-danger"
          onClick={() => {
            remove.reset();
            setLeaving(record);
          }}
        >
          <Trash2 aria-hidden />
        </Button>
      ),
      className: "w-14 text-right",
      skeleton: "w-6",
      card: "aside",
    },
  ];

  return (
    <Section
      title={t("superusers.title")}
      description={t("superusers.text")}
      actions={
        <Button variant="primary" onClick={() => setAdding(true)}>
          <Plus aria-hidden />
          {t("superusers.add")}
        </Button>
      }
    >
      <QueryView
        query={superusers}
        label={t("superusers.title")}
        skeleton={<DataTableSkeleton columns={columns} rows={2} />}
      >
        {({ items }) => (
          <DataTable label={t("superusers.title")} columns={columns} rows={items} rowKey={({ id }) => id} />
        )}
      </QueryView>
      <Dialog open={adding} onOpenChange={(open) => !open && setAdding(false)}>
        <DialogContent
          title={t("superusers.add")}
          description={t("superusers.addText")}
          closeLabel={t("action.close")}
        >
          <AddForm onClose={() => setAdding(false)} />
        </DialogContent>
      </Dialog>
      <ConfirmDialog
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        title={t("superusers.deleteTitle", { email: String(leaving?.email ?? "") })}
        description={t("superusers.deleteText")}
        confirm={t("action.delete")}
        onConfirm={() => leaving && remove.mutate(leaving)}
        pending={remove.isPending}
        error={remove.error}
      />
    </Section>
  );
}

function AddForm({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const add = useMutation({
    mutationFn: () =>
      saveRecord(collection, null, { email: email.trim(), password, passwordConfirm: password }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.records });
      toast.success(t("superusers.added", { email: email.trim() }));
      onClose();
    },
  });
  const problems = add.error ? toApiError(add.error).fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate();
  };
  return (
    <form noValidate className="flex min-h-0 flex-1 flex-col" onSubmit={submit}>
      <DialogBody className="grid content-start gap-5">
        <FormAlert error={add.error} fields={["email", "password", "passwordConfirm"]} />
        <Field label={t("login.email")} error={problems.email?.message}>
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="off"
              autoCapitalize="none"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("login.password")} error={problems.password?.message}>
          {(control) => (
            <PasswordInput
              {...control}
              autoComplete="new-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" variant="primary" pending={add.isPending}>
          {t("superusers.add")}
        </Button>
      </DialogFooter>
    </form>
  );
}
