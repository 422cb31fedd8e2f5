import { Link } from "@tanstack/react-router";
import { ExternalLink, X } from "lucide-react";
import type { RecordData } from "@/api/types";
import { isSeveral } from "@/components/field-traits";
import { MoveButtons, moved } from "@/components/move-buttons";
import { presentation } from "@/components/presentation";
import { RecordPicker } from "@/components/record-picker";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { asList, Nothing } from "./cells";
import { type CellProps, defineKind, type EditorProps } from "./editor";
import { useLabels, useTarget } from "./use-related";

const shownMax = 4;

export const kindEditor = defineKind<string[]>({
  kinds: ["relation"],
  group: true,
  fromRecord: asList,
  toWire: (draft, field) => ({ value: isSeveral(field) ? draft : (draft[0] ?? "") }),
  Editor: RelationEditor,
  Cell: RelationCell,
});

function RelationEditor({ field, draft, onChange, control }: EditorProps<string[]>) {
  const target = useTarget(field);
  const labelOf = useLabels(target, draft);
  const several = isSeveral(field);

  const choose = (id: string) => {
    if (!several) return onChange([id]);
    onChange(draft.includes(id) ? draft.filter((each) => each !== id) : [...draft, id]);
  };

  return (
    <div className="grid gap-2">
      {draft.length > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line">
          {draft.map((id, index) => {
            const name = labelOf(id);
            return (
              <li key={id} className="flex items-center gap-1 py-1 pr-1 pl-3">
                <span className="min-w-0 flex-1">
                  <span className="block truncate text-sm">{name}</span>
                  {name !== id && (
                    <span className="block truncate font-mono text-ink-soft text-xs">{id}</span>
                  )}
                </span>
                {several && draft.length > 1 && (
                  <MoveButtons
                    index={index}
                    count={draft.length}
                    upLabel={t("record.relation.up", { name })}
                    downLabel={t("record.relation.down", { name })}
                    onMove={(to) => onChange(moved(draft, index, to))}
                  />
                )}
                {target && (
                  <Button asChild variant="ghost" size="icon-sm">
                    <Link {...paths.record(target.name, id)} aria-label={t("record.relation.open", { name })}>
                      <ExternalLink aria-hidden />
                    </Link>
                  </Button>
                )}
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-label={t("record.relation.remove", { name })}
                  onClick={() => onChange(draft.filter((each) => each !== id))}
                >
                  <X aria-hidden />
                </Button>
              </li>
            );
          })}
        </ul>
      )}
      <RecordPicker target={target} chosen={draft} several={several} onChoose={choose} control={control} />
    </div>
  );
}

/** By name where the list brought the related records along, else by id. */
function RelationCell({ field, value, record }: CellProps) {
  const target = useTarget(field);
  const ids = asList(value);
  if (ids.length === 0) return <Nothing />;
  const expanded = (record.expand as Record<string, RecordData | RecordData[]> | undefined)?.[field.name];
  const related = Array.isArray(expanded) ? expanded : expanded ? [expanded] : [];
  return (
    <span className="flex gap-1 overflow-hidden">
      {ids.slice(0, shownMax).map((id) => {
        const found = related.find((each) => each.id === id);
        return (
          <Badge key={id} tone="outline" className="min-w-0 shrink">
            <span className="max-w-40 truncate">{found ? presentation(found, target) : id}</span>
          </Badge>
        );
      })}
      {ids.length > shownMax && <Badge tone="outline">{`+${ids.length - shownMax}`}</Badge>}
    </span>
  );
}
