import { useMutation } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import { type RuleKind, type RuleVerdict, tryRule } from "@/api/rules";
import type { Collection, Rule } from "@/api/types";
import { Code } from "@/components/code";
import { FormAlert } from "@/components/form-alert";
import { JsonField } from "@/components/json-field";
import { RecordPicker } from "@/components/record-picker";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Folded } from "@/ui/folded";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";

interface TryDialogProps {
  collection: Collection;
  collections: Collection[];
  kind: RuleKind;
  label: string;
  rule: Rule;
  onClose: () => void;
}

/** A rule tried as somebody, with nothing saved: allowed or not, and why. */
export function TryDialog({ collection, collections, kind, label, rule, onClose }: TryDialogProps) {
  const accounts = collections.filter(({ type }) => type === "auth");
  const [who, setWho] = useState("");
  const [id, setId] = useState("");
  const [record, setRecord] = useState("");
  const [body, setBody] = useState("{}");
  const needsRecord = kind !== "create" && kind !== "list";
  const needsBody = kind === "create" || kind === "update";

  const attempt = useMutation({
    mutationFn: () =>
      tryRule({
        collection: collection.id,
        action: kind,
        rule,
        as: who === "" ? "guest" : { collection: who, id: id.trim() },
        ...(needsRecord && record.trim() !== "" && { record: record.trim() }),
        ...(needsBody && { body: parsed(body) ?? {} }),
      }),
  });

  const missing = attempt.error instanceof ApiError && attempt.error.status === 404;
  const badBody = needsBody && parsed(body) === null;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={t("try.title", { action: label })}
        description={t("try.text")}
        closeLabel={t("action.close")}
      >
        <DialogBody className="grid content-start gap-5">
          <Field label={t("try.as")}>
            {(control) => (
              <Select {...control} value={who} onChange={(event) => setWho(event.target.value)}>
                <option value="">{t("try.guest")}</option>
                {accounts.map(({ id: key, name }) => (
                  <option key={key} value={name}>
                    {t("try.member", { collection: name })}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {who !== "" && (
            <Field
              label={t("try.memberId")}
              aside={
                <RecordPicker
                  target={accounts.find(({ name }) => name === who)}
                  chosen={id ? [id] : []}
                  onChoose={setId}
                />
              }
            >
              {(control) => (
                <Input
                  {...control}
                  autoComplete="off"
                  value={id}
                  onChange={(event) => setId(event.target.value)}
                />
              )}
            </Field>
          )}
          {needsRecord && (
            <Field
              label={t("try.record")}
              help={t("try.recordHelp")}
              aside={
                <RecordPicker target={collection} chosen={record ? [record] : []} onChoose={setRecord} />
              }
            >
              {(control) => (
                <Input
                  {...control}
                  autoComplete="off"
                  value={record}
                  onChange={(event) => setRecord(event.target.value)}
                />
              )}
            </Field>
          )}
          {needsBody && (
            <JsonField
              label={t("try.body")}
              error={badBody ? t("record.problem.json") : undefined}
              value={body}
              onChange={setBody}
            />
          )}
          {missing ? (
            <Alert tone="warning" title={t("try.missing")}>
              {attempt.error?.message}
            </Alert>
          ) : (
            <FormAlert error={attempt.error} fields={[]} onRetry={() => attempt.mutate()} />
          )}
          {attempt.data && <Verdict verdict={attempt.data} />}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.close")}</Button>
          <Button
            variant="primary"
            pending={attempt.isPending}
            disabled={badBody || (who !== "" && id.trim() === "")}
            onClick={() => attempt.mutate()}
          >
            {t("try.run")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}

function Verdict({ verdict }: { verdict: RuleVerdict }) {
  const { allowed, refusal, explanation, errors = [], decidedBy, visible, sql } = verdict;
  const Icon = allowed ? CircleCheck : CircleX;
  return (
    <div
      role="status"
      className={
        allowed
          ? "grid gap-2 rounded-lg border border-success/25 bg-success-soft px-3.5 py-3"
          : "grid gap-2 rounded-lg border border-danger/30 bg-danger-soft px-3.5 py-3"
      }
    >
      <p className="flex items-center gap-2 font-medium">
        <Icon aria-hidden className={allowed ? "size-4 text-success" : "size-4 text-danger"} />
        {allowed ? t("try.allowed") : t("try.denied")}
      </p>
      {explanation && <p className="text-ink-soft text-sm">{t("rule.says", { words: explanation })}</p>}
      {errors.map(({ message }) => (
        <p key={message} className="text-danger text-sm">
          {message}
        </p>
      ))}
      {decidedBy && (
        <p className="text-ink-soft text-sm">
          {t("try.decided")} <Code>{decidedBy.text}</Code>{" "}
          {decidedBy.value ? t("try.isTrue") : t("try.isFalse")}
        </p>
      )}
      {refusal && (
        <p className="text-ink-soft text-sm">
          {t("try.answer", { status: String(refusal.status), message: refusal.message })}
        </p>
      )}
      {visible && (
        <p className="text-ink-soft text-sm tabular-nums">
          {visible.more
            ? t("try.visibleMore", { count: visible.count })
            : t("try.visible", { count: visible.count })}
        </p>
      )}
      {sql && (
        <Folded title={t("try.sql")}>
          <pre className="overflow-x-auto whitespace-pre-wrap font-mono text-xs leading-5">
            {[sql.text, JSON.stringify(sql.params), ...sql.plan].join("\n")}
          </pre>
        </Folded>
      )}
    </div>
  );
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.trim() || "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
