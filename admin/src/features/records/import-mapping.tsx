import { FileUp } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import type { Field as FieldDefinition } from "@/api/types";
import { ToggleRow } from "@/components/toggle-row";
import { useFileDrop } from "@/components/use-file-drop";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { type FileProblem, type ImportFile, readImportFile } from "./import-file";

const problems = {
  empty: "importRecords.problem.empty",
  json: "importRecords.problem.json",
  large: "importRecords.problem.large",
} as const satisfies Record<FileProblem, string>;

interface FileChoiceProps {
  file: ImportFile | null;
  onFile: (file: ImportFile) => void;
}

export function FileChoice({ file, onFile }: FileChoiceProps) {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<FileProblem | null>(null);
  const take = useCallback(
    async (files: File[]) => {
      const [first] = files;
      if (!first) return;
      const read = await readImportFile(first);
      if ("problem" in read) return setProblem(read.problem);
      setProblem(null);
      onFile(read);
    },
    [onFile],
  );
  const dragging = useFileDrop(take);
  return (
    <div className="grid gap-3">
      <div
        className={cn(
          "flex flex-wrap items-center gap-x-4 gap-y-2 rounded-xl border border-line-strong border-dashed px-4 py-4",
          dragging && "border-accent bg-accent-soft",
        )}
      >
        <FileUp aria-hidden className="size-5 shrink-0 text-ink-soft" />
        <span className="grid min-w-0 flex-1">
          <span className="truncate font-medium text-sm">{file ? file.name : t("importRecords.drop")}</span>
          <span className="text-ink-soft text-xs">
            {file
              ? t("importRecords.fileText", {
                  size: formatBytes(file.content.size),
                  count: file.columns.length,
                })
              : t("importRecords.formats")}
          </span>
        </span>
        <Button size="sm" onClick={() => input.current?.click()}>
          {file ? t("importRecords.another") : t("record.file.choose")}
        </Button>
        <input
          ref={input}
          type="file"
          accept=".csv,.tsv,.txt,.json,.ndjson,.jsonl,text/csv,application/json"
          tabIndex={-1}
          className="sr-only"
          aria-label={t("importRecords.input")}
          onChange={(event) => {
            void take([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </div>
      {problem && <Alert tone="danger" title={t(problems[problem])} />}
    </div>
  );
}

export interface ImportOptions {
  /** The field by which records are found; nothing makes every row a new record. */
  key: string;
  skipHooks: boolean;
}

interface ImportMappingProps {
  file: ImportFile;
  targets: FieldDefinition[];
  keys: string[];
  mapping: Record<string, string>;
  onMapping: (mapping: Record<string, string>) => void;
  options: ImportOptions;
  onOptions: (options: ImportOptions) => void;
  /** A field that two columns are mapped to. */
  twice: string | undefined;
}

export function ImportMapping(props: ImportMappingProps) {
  const { file, targets, keys, mapping, onMapping, options, onOptions, twice } = props;
  return (
    <>
      <section aria-label={t("importRecords.columns")} className="grid gap-2">
        <h3 className="font-medium text-sm">{t("importRecords.columns")}</h3>
        <ul className="divide-y divide-line rounded-lg border border-line">
          {file.columns.map(({ name, sample }) => (
            <li
              key={name}
              className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-center gap-3 px-3 py-2"
            >
              <span className="grid min-w-0">
                <span className="truncate font-medium text-sm">{name}</span>
                <span className="truncate text-ink-soft text-xs">
                  {sample || t("importRecords.noSample")}
                </span>
              </span>
              <Select
                aria-label={t("importRecords.target", { column: name })}
                value={mapping[name] ?? ""}
                aria-invalid={twice !== undefined && mapping[name] === twice ? true : undefined}
                onChange={(event) => onMapping({ ...mapping, [name]: event.target.value })}
              >
                <option value="">{t("importRecords.leaveOut")}</option>
                {targets.map((field) => (
                  <option key={field.id} value={field.name}>
                    {field.name}
                  </option>
                ))}
              </Select>
            </li>
          ))}
        </ul>
        {twice && <Alert tone="danger" title={t("importRecords.twice", { field: twice })} />}
      </section>
      <Field label={t("importRecords.key")} help={t("importRecords.keyHelp")}>
        {(control) => (
          <Select
            {...control}
            className="max-w-80"
            value={options.key}
            onChange={(event) => onOptions({ ...options, key: event.target.value })}
          >
            <option value="">{t("importRecords.keyNone")}</option>
            {keys.map((key) => (
              <option key={key} value={key}>
                {t("importRecords.keyField", { field: key })}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <ToggleRow
        label={t("importRecords.skipHooks")}
        help={t("importRecords.skipHooksHelp")}
        checked={options.skipHooks}
        onChange={(skipHooks) => onOptions({ ...options, skipHooks })}
      />
    </>
  );
}
