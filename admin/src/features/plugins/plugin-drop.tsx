import { PackageOpen, Upload } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import { CommandLine } from "@/components/code";
import { RequestId } from "@/components/query-view";
import { useFileDrop } from "@/components/use-file-drop";
import { useMedia } from "@/components/use-media";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Progress } from "@/ui/progress";
import { describeProblem } from "./problems";
import type { PluginUpload } from "./use-plugin-upload";

/** Where a plugin comes in: a zone to drop a file on, the way it takes, and why it was refused. */
export function PluginDrop({ upload }: { upload: PluginUpload }) {
  const input = useRef<HTMLInputElement>(null);
  const [ignored, setIgnored] = useState<string | null>(null);

  const { start } = upload;
  const take = useCallback(
    (files: File[]) => {
      const [file] = files;
      if (!file) return;
      setIgnored(files.length > 1 ? t("drop.one", { name: file.name }) : null);
      start(file);
    },
    [start],
  );
  const dragging = useFileDrop(take);

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div
        className={cn(
          "rounded-xl border border-line-strong border-dashed bg-surface transition-colors",
          dragging && "border-accent bg-accent-soft",
        )}
      >
        <input
          ref={input}
          type="file"
          accept=".wasm,application/wasm"
          aria-label={t("drop.input")}
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => {
            take([...(event.target.files ?? [])]);
            // Choosing the same file again, after mending it, must count as a change.
            event.target.value = "";
          }}
        />
        {upload.pending && upload.file ? (
          <UploadProgress file={upload.file} share={upload.share} onCancel={upload.cancel} />
        ) : (
          <Invitation dragging={dragging} onChoose={() => input.current?.click()} />
        )}
      </div>
      {ignored && (
        <p role="status" className="text-ink-soft text-sm">
          {ignored}
        </p>
      )}
      {upload.error && upload.file && (
        <UploadProblem
          file={upload.file}
          error={upload.error}
          onRetry={() => upload.file && upload.start(upload.file)}
          onChoose={() => input.current?.click()}
        />
      )}
    </div>
  );
}

function Invitation({ dragging, onChoose }: { dragging: boolean; onChoose: () => void }) {
  const touch = useMedia("(hover: none)");
  const title = touch ? t("drop.titleTouch") : t("drop.title");
  return (
    <div className="flex flex-col items-center gap-4 px-5 py-6 text-center sm:flex-row sm:px-6 sm:text-left">
      <span
        className={cn(
          "grid size-11 shrink-0 place-items-center rounded-xl bg-accent-soft text-accent transition-transform",
          dragging && "scale-110 bg-surface",
        )}
      >
        <PackageOpen aria-hidden className="size-5" strokeWidth={1.75} />
      </span>
      <div className="grid flex-1 gap-0.5">
        <p className="font-medium">{dragging ? t("drop.now") : title}</p>
        <p className="text-ink-soft">{t("drop.text")}</p>
      </div>
      <Button onClick={onChoose} className="max-sm:w-full">
        <Upload aria-hidden />
        {t("drop.choose")}
      </Button>
    </div>
  );
}

interface UploadProgressProps {
  file: File;
  share: number;
  onCancel: () => void;
}

function UploadProgress({ file, share, onCancel }: UploadProgressProps) {
  const sent = share >= 1;
  const title = sent ? t("drop.inspecting", { name: file.name }) : t("drop.uploading", { name: file.name });
  return (
    <div className="grid gap-3 px-5 py-6 sm:px-6">
      <div className="flex items-start justify-between gap-4">
        <div className="grid min-w-0 gap-0.5">
          <p role="status" className="font-medium [overflow-wrap:anywhere]">
            {title}
          </p>
          <p className="text-ink-soft tabular-nums">
            {sent
              ? t("drop.inspectingText")
              : t("drop.progress", { percent: Math.floor(share * 100), size: formatBytes(file.size) })}
          </p>
        </div>
        <Button size="sm" onClick={onCancel}>
          {t("action.cancel")}
        </Button>
      </div>
      <Progress share={sent ? null : share} label={title} />
    </div>
  );
}

interface UploadProblemProps {
  file: File;
  error: Error;
  onRetry: () => void;
  onChoose: () => void;
}

function UploadProblem({ file, error, onRetry, onChoose }: UploadProblemProps) {
  const { title, text, command, detail, requestId, canRetry } = describeProblem(error);
  return (
    <Alert
      tone="danger"
      title={title}
      actions={
        <>
          {canRetry && (
            <Button size="sm" onClick={onRetry}>
              {t("action.retry")}
            </Button>
          )}
          <Button size="sm" onClick={onChoose}>
            {t("drop.again")}
          </Button>
        </>
      }
    >
      <p className="text-ink text-xs [overflow-wrap:anywhere]">{t("problem.file", { name: file.name })}</p>
      <p>{text}</p>
      {detail && (
        <figure className="grid gap-1">
          <figcaption className="text-xs">{t("problem.says")}</figcaption>
          <code className="rounded-md bg-surface/70 px-2.5 py-1.5 font-mono text-[0.8125rem] text-ink [overflow-wrap:anywhere]">
            {detail}
          </code>
        </figure>
      )}
      {command && <CommandLine command={command} className="bg-surface/70" />}
      {requestId && <RequestId id={requestId} />}
    </Alert>
  );
}
