/** What an editor of a kind of field is. Each kind has a file `editor-KIND.tsx` that exports one as `kindEditor`. */
import type { ReactElement } from "react";
import type { Field, RecordData } from "@/api/types";
import type { ControlProps } from "@/ui/field";

export interface EditorProps<D> {
  field: Field;
  /** What is being edited, in the editor's own shape. */
  draft: D;
  onChange: (draft: D) => void;
  control: ControlProps;
  collection: string;
  /** The stored record, or `null` while a new one is made. */
  record: RecordData | null;
}

export interface CellProps {
  field: Field;
  value: unknown;
  collection: string;
  record: RecordData;
}

/** What is sent for a field: a value, parts of a form, nothing at all, or why it cannot be sent. */
export type Wire =
  | { value: unknown }
  | { parts: (string | File)[] }
  | { also: Record<string, unknown> }
  | { problem: string };

export interface KindEditor<D = unknown> {
  kinds: readonly string[];
  /** Several controls that answer one question, under a legend instead of a label. */
  group?: boolean;
  /** Shown, never sent. */
  readOnly?: boolean;
  fromRecord: (value: unknown, field: Field) => D;
  toWire: (draft: D, field: Field) => Wire;
  Editor: (props: EditorProps<D>) => ReactElement;
  Cell: (props: CellProps) => ReactElement;
}

/** The registry holds editors of every shape, each of which is only ever given drafts that it made. */
export function defineKind<D>(editor: KindEditor<D>): KindEditor {
  return editor as unknown as KindEditor;
}
