import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { toApiError } from "@/api/errors";
import { keys } from "@/api/queries";
import { type ImportReport, importRecords } from "@/api/transfer";
import type { Collection } from "@/api/types";
import { FormAlert } from "@/components/form-alert";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { DialogFooter } from "@/ui/dialog";
import { Progress } from "@/ui/progress";
import { Sheet, SheetContent } from "@/ui/sheet";
import { toast } from "@/ui/toast";
import { columnsParameter, guessTarget, type ImportFile, importKeys, importTargets } from "./import-file";
import { FileChoice, ImportMapping, type ImportOptions } from "./import-mapping";
import { ImportReportView } from "./import-report";

interface ImportSheetProps {
  collection: Collection;
  onClose: () => void;
}

/** A file becomes records: what its columns mean, a trial that writes nothing, and then the real thing. */
export function ImportSheet({ collection, onClose }: ImportSheetProps) {
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        title={t("importRecords.title", { collection: collection.name })}
        description={t("importRecords.text")}
        closeLabel={t("action.close")}
      >
        <ImportForm collection={collection} onClose={onClose} />
      </SheetContent>
    </Sheet>
  );
}

function ImportForm({ collection, onClose }: ImportSheetProps) {
  const queryClient = useQueryClient();
  const [file, setFile] = useState<ImportFile | null>(null);
  const [mapping, setMapping] = useState<Record<string, string>>({});
  const [options, setOptions] = useState<ImportOptions>({ key: "", skipHooks: false });
  const [share, setShare] = useState<number | null>(null);
  const stop = useRef<AbortController>(null);

  const send = useMutation({
    mutationFn: ({ dryRun }: { dryRun: boolean }) => {
      if (!file) throw new Error(t("importRecords.none"));
      stop.current = new AbortController();
      setShare(0);
      const query = {
        format: file.format,
        delimiter: file.format === "csv" ? file.delimiter : undefined,
        key: options.key || undefined,
        columns: columnsParameter(mapping),
        dryRun: dryRun ? (1 as const) : undefined,
        skipHooks: options.skipHooks ? (1 as const) : undefined,
      };
      const { signal } = stop.current;
      return importRecords(collection.name, file.content, query, { signal, onProgress: setShare });
    },
    onSuccess: async (report) => {
      if (report.dryRun) return;
      await queryClient.invalidateQueries({ queryKey: [...keys.records, collection.name] });
      if (report.stopped) return;
      toast.success(t("importRecords.done", { count: report.created + report.updated }));
      if (report.failed === 0) onClose();
    },
    onSettled: () => setShare(null),
  });

  const take = (next: ImportFile) => {
    const targets = importTargets(collection);
    const guessed = Object.fromEntries(next.columns.map(({ name }) => [name, guessTarget(name, targets)]));
    send.reset();
    setFile(next);
    setMapping(guessed);
    setOptions({ key: Object.values(guessed).includes("id") ? "id" : "", skipHooks: false });
  };
  const change = (then: () => void) => {
    // What was found out does not hold for other columns.
    send.reset();
    then();
  };
  const mapped = Object.values(mapping).filter((target) => target !== "");
  const twice = mapped.find((target, place) => mapped.indexOf(target) !== place);
  const report = send.data;
  const checked = report?.dryRun === true;
  const stopped = send.error instanceof DOMException;

  return (
    <>
      <div className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto px-4 py-5 sm:px-6">
        <FileChoice file={file} onFile={take} />
        {file && (
          <ImportMapping
            file={file}
            targets={importTargets(collection)}
            keys={importKeys(collection).filter((key) => mapped.includes(key))}
            mapping={mapping}
            onMapping={(next) =>
              change(() => {
                setMapping(next);
                if (!Object.values(next).includes(options.key)) setOptions({ ...options, key: "" });
              })
            }
            options={options}
            onOptions={(next) => change(() => setOptions(next))}
            twice={twice}
          />
        )}
        {send.error && !stopped && (
          <FormAlert
            error={toApiError(send.error)}
            fields={[]}
            onRetry={() => send.variables && send.mutate(send.variables)}
          />
        )}
        {report && <ImportReportView report={report} />}
      </div>
      {share !== null && <Sending share={share} dryRun={send.variables?.dryRun === true} />}
      <DialogFooter>
        {send.isPending ? (
          <Button onClick={() => stop.current?.abort()}>{t("importRecords.stop")}</Button>
        ) : (
          <Button onClick={onClose}>{report && !checked ? t("action.close") : t("action.cancel")}</Button>
        )}
        <Submit
          report={report}
          ready={file !== null && mapped.length > 0 && twice === undefined}
          pending={send.isPending}
          onSend={(dryRun) => send.mutate({ dryRun })}
        />
      </DialogFooter>
    </>
  );
}

interface SubmitProps {
  report: ImportReport | undefined;
  ready: boolean;
  pending: boolean;
  onSend: (dryRun: boolean) => void;
}

/** First the trial, then the import of what would go well. */
function Submit({ report, ready, pending, onSend }: SubmitProps) {
  if (report && !report.dryRun) return null;
  const good = report ? report.created + report.updated : 0;
  if (!report) {
    return (
      <Button variant="primary" disabled={!ready} pending={pending} onClick={() => onSend(true)}>
        {t("importRecords.check")}
      </Button>
    );
  }
  return (
    <Button variant="primary" disabled={good === 0} pending={pending} onClick={() => onSend(false)}>
      {t("importRecords.submit", { count: good })}
    </Button>
  );
}

function Sending({ share, dryRun }: { share: number; dryRun: boolean }) {
  const sent = share >= 1;
  const label = !sent
    ? t("importRecords.sending")
    : dryRun
      ? t("importRecords.checking")
      : t("importRecords.writing");
  return (
    <div className="grid gap-1.5 border-line border-t px-4 py-2.5 sm:px-6">
      <p role="status" className="text-ink-soft text-sm">
        {label}
      </p>
      <Progress share={sent ? null : share} label={label} />
    </div>
  );
}
