import type { RowSelectionState } from "@tanstack/react-table";
import type { ReactNode } from "react";
import type { Collection, Field, RecordData } from "@/api/types";
import { rowLinkProps } from "@/components/data-table";
import { presentation, presentingFields } from "@/components/presentation";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Checkbox } from "@/ui/checkbox";
import { editorOf } from "./editors";

const linesMax = 3;

interface RecordCardsProps {
  collection: Collection;
  rows: RecordData[];
  fields: Field[];
  hidden: string[];
  selection: RowSelectionState;
  onSelection: (selection: RowSelectionState) => void;
  link: (record: RecordData, props: object, children: ReactNode) => ReactNode;
}

/** Records where a table would not fit: what stands for each, and the first of its other fields. */
export function RecordCards(props: RecordCardsProps) {
  const { collection, fields, rows, hidden, selection, onSelection, link } = props;
  const titles = presentingFields(collection).map(({ name }) => name);
  const lines = fields
    .filter((field) => !field.primaryKey && !titles.includes(field.name) && !hidden.includes(field.name))
    .slice(0, linesMax);
  return (
    <ul
      aria-label={t("records.of", { collection: collection.name })}
      className="grid grid-cols-[minmax(0,1fr)] gap-2.5"
    >
      {rows.map((record) => (
        <li key={record.id}>
          <Card className="relative grid grid-cols-[minmax(0,1fr)] gap-2.5 px-4 py-3.5">
            <div className="flex items-start gap-2">
              <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] gap-0.5">
                {link(
                  record,
                  rowLinkProps,
                  <span className="block truncate">{presentation(record, collection)}</span>,
                )}
                <span className="truncate font-mono text-ink-soft text-xs">{record.id}</span>
              </div>
              {collection.type !== "view" && (
                // As large as a finger around the box, up to the corner of the card.
                // biome-ignore lint/a11y/noLabelWithoutControl: the control is in it, and has a name of its own.
                <label className="relative z-10 -mt-3.5 -mr-4 grid size-11 shrink-0 place-items-center">
                  <Checkbox
                    aria-label={t("records.selectOne", { id: record.id })}
                    checked={selection[record.id] === true}
                    onCheckedChange={(on) => onSelection(toggled(selection, record.id, on === true))}
                  />
                </label>
              )}
            </div>
            {lines.length > 0 && (
              <dl className="grid grid-cols-[fit-content(50%)_minmax(0,1fr)] items-center gap-x-4 gap-y-1.5 text-[0.8125rem]">
                {lines.map((field) => {
                  const { Cell } = editorOf(field);
                  return (
                    <div key={field.id} className="contents">
                      <dt className="text-ink-soft [overflow-wrap:anywhere]">{field.name}</dt>
                      <dd className="flex min-w-0 justify-end overflow-hidden text-right">
                        <Cell
                          field={field}
                          value={record[field.name]}
                          collection={collection.name}
                          record={record}
                        />
                      </dd>
                    </div>
                  );
                })}
              </dl>
            )}
          </Card>
        </li>
      ))}
    </ul>
  );
}

function toggled(selection: RowSelectionState, id: string, on: boolean): RowSelectionState {
  const { [id]: _, ...others } = selection;
  return on ? { ...others, [id]: true } : others;
}
