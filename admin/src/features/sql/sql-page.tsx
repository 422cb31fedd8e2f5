import { useQuery } from "@tanstack/react-query";
import { Play, X } from "lucide-react";
import { type ReactElement, useRef, useState } from "react";
import { toApiError } from "@/api/errors";
import { collectionsQuery } from "@/api/queries";
import { CodeEditor } from "@/components/code-editor";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { FormAlert } from "@/components/form-alert";
import { Page } from "@/components/page";
import { ToggleRow } from "@/components/toggle-row";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { completeSql, spelled } from "./complete";
import { PastMenu } from "./past-menu";
import { Result, summary } from "./result";
import { isNotAsked, problemOf, writes } from "./statement";
import { TableList } from "./table-list";
import { useRun } from "./use-run";
import { useStatements } from "./use-statements";

export function SqlPage(): ReactElement {
  const collections = useQuery(collectionsQuery());
  const { draft, past, type, take, remember } = useStatements();
  const run = useRun();
  const [writing, setWriting] = useState(false);
  const [asking, setAsking] = useState(false);
  const runButton = useRef<HTMLButtonElement>(null);

  const query = draft.trim();
  const send = (write: boolean) => {
    remember(query);
    run.mutate({ query, write });
  };
  const submit = () => {
    if (run.isPending || query === "") return;
    if (writing && writes(query)) setAsking(true);
    else send(false);
  };
  const giveUp = () => {
    run.giveUp();
    // The button that was pressed goes.
    runButton.current?.focus();
  };

  const error = run.error && toApiError(run.error);
  const problem = error && problemOf(error);
  const sent = run.variables;
  const notAsked = error !== null && isNotAsked(error);

  return (
    <Page wide title={t("sql.title")} description={t("sql.text")}>
      <Card className="grid grid-cols-[minmax(0,1fr)] gap-4 p-4 sm:p-5">
        <Field
          label={t("sql.statement")}
          help={t("sql.help")}
          error={notAsked ? undefined : (problem ?? undefined)}
        >
          {(control) => (
            <CodeEditor
              control={control}
              label={t("sql.statement")}
              language="sql"
              minLines={6}
              placeholder={t("sql.hint")}
              value={draft}
              onChange={type}
              onSubmit={submit}
              complete={(text, position) => completeSql(text, position, collections.data ?? [])}
            />
          )}
        </Field>
        {notAsked && (
          <Alert role="status" tone="warning" title={t(writing ? "sql.sentReading" : "sql.writingOff")}>
            {problem}
          </Alert>
        )}
        {problem === null && <FormAlert error={run.error} fields={[]} onRetry={submit} />}
        <ToggleRow
          label={t("sql.writing")}
          help={t("sql.writingHelp")}
          checked={writing}
          onChange={setWriting}
        />
        <div className="flex flex-wrap items-center gap-2">
          <Button
            ref={runButton}
            variant="primary"
            pending={run.isPending}
            disabled={query === ""}
            onClick={submit}
          >
            {!run.isPending && <Play aria-hidden />}
            {t("sql.run")}
          </Button>
          {run.isPending && (
            <Button onClick={giveUp}>
              <X aria-hidden />
              {t("sql.giveUp")}
            </Button>
          )}
          <PastMenu past={past} onTake={take} />
          <p role="status" className="text-ink-soft text-sm tabular-nums">
            {run.isPending ? t("sql.running") : run.data && summary(run.data, sent?.write === true)}
          </p>
        </div>
      </Card>
      {run.data === null && (
        <Alert title={t("sql.givenUp")}>{t(sent?.write ? "sql.givenUpWrite" : "sql.givenUpRead")}</Alert>
      )}
      {run.data && run.data.columns.length > 0 && <Result key={run.submittedAt} answer={run.data} />}
      <TableList
        collections={collections}
        onTake={(name) => take(`SELECT * FROM ${spelled(name)} LIMIT 100`)}
      />
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("sql.confirmTitle")}
        description={t("sql.confirmText")}
        confirm={t("sql.confirm")}
        onConfirm={() => {
          setAsking(false);
          send(true);
        }}
      />
    </Page>
  );
}
