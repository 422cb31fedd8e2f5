import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { CollectionName } from "@/components/field-kinds";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { freeName } from "./field-names";
import { FieldRow } from "./field-row";
import { startingOptions } from "./field-settings";
import { FieldSheet } from "./field-sheet";
import { TypePicker } from "./type-picker";
import { type CollectionDraft, type DraftField, newField } from "./use-collection-draft";

interface FieldsEditorProps {
  draft: CollectionDraft;
  collectionName: CollectionName;
  /** By path, as the server sent them: `fields.2.max`. */
  problems: Record<string, string>;
}

/** The fields in their order: added, set, moved, struck out. */
export function FieldsEditor({ draft, collectionName, problems }: FieldsEditorProps) {
  const [picking, setPicking] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const { fields, setFields } = draft;
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );

  const put = (key: string, change: (field: DraftField) => DraftField) =>
    setFields(fields.map((each) => (each.key === key ? change(each) : each)));
  const remove = (target: DraftField) =>
    // What was never saved needs no way back.
    target.isNew
      ? setFields(fields.filter(({ key }) => key !== target.key))
      : put(target.key, (each) => ({ ...each, removed: !each.removed }));
  const move = (from: number, to: number) => {
    if (to >= 0 && to < fields.length) setFields(arrayMove(fields, from, to));
  };
  const add = (type: string, name: string) => {
    const made = newField(freeName(name || type, fields), type, startingOptions(type));
    // The moments of creation and change stand last in every new collection, and stay there.
    const place = fields.findLastIndex(({ field }) => field.type !== "autodate") + 1;
    setFields([...fields.slice(0, place), made, ...fields.slice(place)]);
    setPicking(false);
    setOpen(made.key);
  };
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (!over || active.id === over.id) return;
    const at = (id: unknown) => fields.findIndex(({ key }) => key === id);
    move(at(active.id), at(over.id));
  };

  const sent = fields.filter(({ removed }) => !removed);
  const problemsOf = ({ key }: DraftField) =>
    partsUnder(problems, `fields.${sent.findIndex((each) => each.key === key)}.`);
  const opened = fields.find(({ key }) => key === open) ?? null;
  const nameOf = (id: unknown) => fields.find(({ key }) => key === id)?.field.name ?? "";

  return (
    <div className="grid gap-3">
      <Card className="overflow-hidden">
        <DndContext
          sensors={sensors}
          collisionDetection={closestCenter}
          onDragEnd={onDragEnd}
          accessibility={{
            announcements: announcements(nameOf, fields),
            screenReaderInstructions: { draggable: t("fields.dragHelp") },
          }}
        >
          <SortableContext items={fields.map(({ key }) => key)} strategy={verticalListSortingStrategy}>
            <ul aria-label={t("collection.tab.fields")} className="divide-y divide-line">
              {fields.map((each, index) => (
                <FieldRow
                  key={each.key}
                  draft={each}
                  all={fields}
                  collectionName={collectionName}
                  problem={Object.values(problemsOf(each))[0]}
                  index={index}
                  onOpen={() => setOpen(each.key)}
                  onRemove={() => remove(each)}
                  onMove={(by) => move(index, index + by)}
                />
              ))}
            </ul>
          </SortableContext>
        </DndContext>
        <div className="border-line border-t bg-sunken/60 p-2">
          <Button variant="ghost" className="w-full" onClick={() => setPicking(true)}>
            <Plus aria-hidden />
            {t("fields.add")}
          </Button>
        </div>
      </Card>
      <TypePicker open={picking} onClose={() => setPicking(false)} onPick={add} />
      <FieldSheet
        draft={opened}
        all={fields}
        problems={opened ? problemsOf(opened) : {}}
        onChange={(field) => opened && put(opened.key, (each) => ({ ...each, field }))}
        onMove={(by) => opened && move(fields.indexOf(opened), fields.indexOf(opened) + by)}
        onClose={() => setOpen(null)}
      />
    </div>
  );
}

/** What is below a path, by the rest of it. */
function partsUnder(problems: Record<string, string>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(problems)
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, message]) => [path.slice(prefix.length), message]),
  );
}

/** What a screen reader says while a field is moved. */
function announcements(nameOf: (id: unknown) => string, fields: DraftField[]): Announcements {
  const place = (id: unknown) => fields.findIndex(({ key }) => key === id) + 1;
  const count = fields.length;
  return {
    onDragStart: ({ active }) =>
      t("fields.lifted", { name: nameOf(active.id), place: place(active.id), count }),
    onDragOver: ({ active, over }) =>
      over ? t("fields.over", { name: nameOf(active.id), place: place(over.id), count }) : undefined,
    onDragEnd: ({ active, over }) =>
      t("fields.dropped", { name: nameOf(active.id), place: place(over?.id ?? active.id), count }),
    onDragCancel: ({ active }) => t("fields.cancelled", { name: nameOf(active.id) }),
  };
}
