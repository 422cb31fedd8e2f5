import { FileText, ImageOff, Paperclip, Undo2, Upload, X } from "lucide-react";
import { type DragEvent, useEffect, useMemo, useRef, useState } from "react";
import { fileUrl } from "@/api/records";
import type { Field, RecordData } from "@/api/types";
import { isSeveral } from "@/components/field-traits";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { asList, Nothing } from "./cells";
import { type CellProps, defineKind, type EditorProps } from "./editor";

interface Files {
  /** Names of stored files that stay. */
  kept: string[];
  /** Not sent yet. */
  added: File[];
}

const shownMax = 3;
const pictures = /\.(?:png|jpe?g|gif|webp|avif|svg)$/i;

export const kindEditor = defineKind<Files>({
  kinds: ["file"],
  group: true,
  fromRecord: (value) => ({ kept: asList(value), added: [] }),
  toWire: ({ kept, added }, field) => {
    const problem = added.map((file) => problemOf(file, field)).find((found) => found !== null);
    if (problem) return { problem };
    if (added.length > 0) return { parts: [...kept, ...added] };
    return { value: isSeveral(field) ? kept : (kept[0] ?? "") };
  },
  Editor: FileEditor,
  Cell: FileCell,
});

/** What the definition says against a file, so that nobody uploads it in vain. */
function problemOf(file: File, { maxSize, mimeTypes }: Field): string | null {
  if (typeof maxSize === "number" && maxSize > 0 && file.size > maxSize) {
    return t("record.problem.fileSize", { name: file.name, most: formatBytes(maxSize) });
  }
  const allowed = asList(mimeTypes);
  if (allowed.length > 0 && file.type !== "" && !allowed.includes(file.type)) {
    return t("record.problem.fileType", { name: file.name, types: allowed.join(", ") });
  }
  return null;
}

function FileEditor({ field, draft, onChange, control, record, collection }: EditorProps<Files>) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const stored = asList(record?.[field.name]);
  const removed = stored.filter((name) => !draft.kept.includes(name));
  const several = isSeveral(field);

  const add = (files: File[]) => {
    if (files.length === 0) return;
    onChange(
      several ? { ...draft, added: [...draft.added, ...files] } : { kept: [], added: files.slice(0, 1) },
    );
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    add([...event.dataTransfer.files]);
  };
  const restore = (name: string) =>
    onChange(
      several
        ? { ...draft, kept: stored.filter((each) => each === name || draft.kept.includes(each)) }
        : { kept: [name], added: [] },
    );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut for the button within.
    <div
      className={cn(
        "grid gap-2 rounded-lg border border-line border-dashed p-2.5",
        over && "border-accent bg-accent-soft",
      )}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {(draft.kept.length > 0 || draft.added.length > 0 || removed.length > 0) && (
        <ul className="grid gap-1.5">
          {draft.kept.map((name) => (
            <Line
              key={name}
              picture={record && <Picture record={record} collection={collection} name={name} />}
              name={name}
              href={record ? fileUrl(record, collection, name) : undefined}
              action={t("record.file.remove", { name })}
              icon={<X aria-hidden />}
              onAction={() => onChange({ ...draft, kept: draft.kept.filter((each) => each !== name) })}
            />
          ))}
          {draft.added.map((file) => (
            <Line
              key={`${file.name}-${file.size}-${file.lastModified}`}
              picture={<LocalPicture file={file} />}
              name={file.name}
              note={`${formatBytes(file.size)} · ${t("record.file.new")}`}
              action={t("record.file.remove", { name: file.name })}
              icon={<X aria-hidden />}
              onAction={() => onChange({ ...draft, added: draft.added.filter((each) => each !== file) })}
            />
          ))}
          {removed.map((name) => (
            <Line
              key={name}
              name={name}
              note={t("record.file.removed")}
              struck
              action={t("record.file.restore", { name })}
              icon={<Undo2 aria-hidden />}
              onAction={() => restore(name)}
            />
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Button {...control} size="sm" onClick={() => input.current?.click()}>
          <Upload aria-hidden />
          {several ? t("record.file.add") : t("record.file.choose")}
        </Button>
        <span className="text-ink-soft text-xs">{t("record.file.drop")}</span>
        <input
          ref={input}
          type="file"
          tabIndex={-1}
          className="sr-only"
          aria-label={t("record.file.input", { field: field.name })}
          multiple={several}
          accept={asList(field.mimeTypes).join(",") || undefined}
          onChange={(event) => {
            add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </div>
    </div>
  );
}

interface LineProps {
  picture?: React.ReactNode;
  name: string;
  note?: string;
  href?: string;
  struck?: boolean;
  action: string;
  icon: React.ReactNode;
  onAction: () => void;
}

function Line({ picture, name, note, href, struck, action, icon, onAction }: LineProps) {
  return (
    <li className="flex items-center gap-2.5">
      {picture ?? <Sign icon={Paperclip} />}
      <span className="grid min-w-0 flex-1">
        {href ? (
          <a
            href={href}
            target="_blank"
            rel="noreferrer"
            className="truncate text-sm underline-offset-4 hover:underline"
          >
            {name}
          </a>
        ) : (
          <span className={cn("truncate text-sm", struck && "text-ink-soft line-through")}>{name}</span>
        )}
        {note && <span className="text-ink-soft text-xs">{note}</span>}
      </span>
      <Button variant="ghost" size="icon-sm" aria-label={action} onClick={onAction}>
        {icon}
      </Button>
    </li>
  );
}

function Sign({ icon: Icon, small }: { icon: typeof FileText; small?: boolean }) {
  return (
    <span
      className={cn(
        "grid shrink-0 place-items-center rounded-md bg-hover text-ink-soft",
        small ? "size-7" : "size-10",
      )}
    >
      <Icon aria-hidden className="size-4" />
    </span>
  );
}

interface PictureProps {
  record: RecordData;
  collection: string;
  name: string;
  small?: boolean;
}

function Picture({ record, collection, name, small }: PictureProps) {
  const [broken, setBroken] = useState(false);
  if (!pictures.test(name)) return <Sign icon={FileText} small={small} />;
  if (broken) return <Sign icon={ImageOff} small={small} />;
  return (
    <img
      src={`${fileUrl(record, collection, name)}?thumb=100x100`}
      alt=""
      loading="lazy"
      onError={() => setBroken(true)}
      className={cn("shrink-0 rounded-md border border-line object-cover", small ? "size-7" : "size-10")}
    />
  );
}

function LocalPicture({ file }: { file: File }) {
  const url = useMemo(() => (file.type.startsWith("image/") ? URL.createObjectURL(file) : null), [file]);
  useEffect(() => () => (url ? URL.revokeObjectURL(url) : undefined), [url]);
  if (url === null) return <Sign icon={FileText} />;
  return <img src={url} alt="" className="size-10 shrink-0 rounded-md border border-line object-cover" />;
}

function FileCell({ value, record, collection }: CellProps) {
  const names = asList(value);
  if (names.length === 0) return <Nothing />;
  return (
    <span className="flex items-center gap-1.5 overflow-hidden">
      {names.slice(0, shownMax).map((name) => (
        <Picture key={`${record.id} ${name}`} record={record} collection={collection} name={name} small />
      ))}
      {names.length === 1 && <span className="truncate text-[0.8125rem]">{names[0]}</span>}
      {names.length > shownMax && <Badge tone="outline">{`+${names.length - shownMax}`}</Badge>}
    </span>
  );
}
