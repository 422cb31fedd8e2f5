import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { CircleAlert, GripVertical, Settings2, Trash2, Undo2 } from "lucide-react";
import { type CollectionName, fieldOptions, kindIcon, kindLabel } from "@/components/field-kinds";
import { MoveButtons } from "@/components/move-buttons";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { nameProblem } from "./field-names";
import type { DraftField } from "./use-collection-draft";

interface FieldRowProps {
  draft: DraftField;
  all: DraftField[];
  collectionName: CollectionName;
  problem: string | undefined;
  index: number;
  onOpen: () => void;
  onRemove: () => void;
  onMove: (by: 1 | -1) => void;
}

export function FieldRow(props: FieldRowProps) {
  const { draft, all, collectionName, index, onOpen, onRemove, onMove } = props;
  const { field, isNew, removed } = draft;
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } =
    useSortable({ id: draft.key });
  const Icon = kindIcon(field.type);
  const name = field.name || t("fieldSheet.unnamed");
  const problem = props.problem ?? (removed ? undefined : nameProblem(draft, all)) ?? undefined;
  const options = fieldOptions(field, collectionName);

  return (
    <li
      ref={setNodeRef}
      style={{ transform: CSS.Translate.toString(transform), transition }}
      className={cn(
        "flex items-center gap-1.5 bg-surface py-2 pr-2 pl-1 sm:gap-2.5 sm:pr-3",
        isDragging && "relative z-10 shadow-float",
      )}
    >
      <button
        type="button"
        ref={setActivatorNodeRef}
        {...attributes}
        {...listeners}
        aria-label={t("fields.drag", { name })}
        className="grid h-8 w-6 shrink-0 cursor-grab touch-none place-items-center rounded text-ink-soft/60 hover:text-ink active:cursor-grabbing"
      >
        <GripVertical aria-hidden className="size-4" />
      </button>
      <Icon aria-hidden className="size-4 shrink-0 text-ink-soft max-sm:hidden" />
      <div className="grid min-w-0 flex-1 gap-0.5">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span
            className={cn(
              "font-medium font-mono text-[0.8125rem] [overflow-wrap:anywhere]",
              removed && "text-ink-soft line-through",
            )}
          >
            {name}
          </span>
          <span className="text-ink-soft text-xs">{kindLabel(field.type)}</span>
          {isNew && <Badge tone="success">{t("fields.new")}</Badge>}
          {removed && <Badge tone="danger">{t("fields.removed")}</Badge>}
          {field.required === true && <Badge>{t("record.required")}</Badge>}
          {field.hidden === true && <Badge tone="outline">{t("record.hidden")}</Badge>}
          {field.presentable === true && <Badge tone="outline">{t("field.presentable")}</Badge>}
          {field.system === true && <Badge tone="outline">{t("field.system")}</Badge>}
        </div>
        {options.length > 0 && (
          <span className="text-ink-soft text-xs [overflow-wrap:anywhere]">{options.join(" · ")}</span>
        )}
        {problem && (
          <span className="flex items-start gap-1.5 text-danger text-xs leading-5">
            <CircleAlert aria-hidden className="mt-[3px] size-3.5 shrink-0" />
            {problem}
          </span>
        )}
      </div>
      <div className="flex shrink-0 items-center">
        <span className="flex max-md:hidden">
          <MoveButtons
            index={index}
            count={all.length}
            upLabel={t("fields.up", { name })}
            downLabel={t("fields.down", { name })}
            onMove={(to) => onMove(to > index ? 1 : -1)}
          />
        </span>
        {!removed && (
          <Button variant="ghost" size="icon-sm" aria-label={t("fields.settings", { name })} onClick={onOpen}>
            <Settings2 aria-hidden />
          </Button>
        )}
        <Button
          variant="ghost"
          size="icon-sm"
          disabled={field.system === true}
          aria-label={removed ? t("fields.undo", { name }) : t("fields.remove", { name })}
          onClick={onRemove}
          className={removed ? undefined : "hover:bg-danger-soft hover:text-danger"}
        >
          {removed ? <Undo2 aria-hidden /> : <Trash2 aria-hidden />}
        </Button>
      </div>
    </li>
  );
}
