/** The entries of a part of the settings, in their order: each in the shared frame, with what it is made of. */
import { Plus } from "lucide-react";
import type { ComponentType } from "react";
import { OrderedEntry, type OrderedEntryWords } from "@/components/ordered-entry";
import { useEntries } from "@/components/use-entries";
import { type PlainKey, t } from "@/i18n";
import { Button } from "@/ui/button";
import type { SettingsPart } from "./settings-part";

/** What the inputs of one entry are given. */
export interface EntryProps<T> {
  entry: T;
  /** What is wrong with a part of it. */
  problem: (field: keyof T & string) => string | undefined;
  /** What is wrong with it as a whole. */
  whole: string | undefined;
  onChange: (entry: T) => void;
}

interface PartEntriesProps<T> {
  part: SettingsPart;
  entries: T[];
  onEntries: (entries: T[]) => void;
  /** Where they are in the part, as the server names it. */
  path: string;
  words: Record<"list" | "none" | "add", PlainKey>;
  entryWords: (place: number) => OrderedEntryWords;
  /** What a new one begins with. */
  another: T;
  /** Beside the buttons of an entry, and below them. */
  Head: ComponentType<EntryProps<T>>;
  Body?: ComponentType<EntryProps<T>>;
}

export function PartEntries<T>(props: PartEntriesProps<T>) {
  const { part, entries, onEntries, path, words, entryWords, another, Head, Body } = props;
  const { key, change, add, move, remove } = useEntries(entries, onEntries, part.replaced);
  const given = (entry: T, index: number): EntryProps<T> => ({
    entry,
    problem: (field) => part.problem(`${path}.${index}.${field}`),
    whole: part.own(`${path}.${index}`),
    onChange: (next) => change(index, next),
  });
  return (
    <>
      {entries.length === 0 && <p className="text-ink-soft text-sm">{t(words.none)}</p>}
      <ol key={part.edition} aria-label={t(words.list)} className="grid gap-2 empty:hidden">
        {entries.map((entry, index) => (
          <OrderedEntry
            key={key(index)}
            words={entryWords(index + 1)}
            index={index}
            count={entries.length}
            onMove={(to) => move(index, to)}
            onRemove={() => remove(index)}
            head={<Head {...given(entry, index)} />}
          >
            {Body && <Body {...given(entry, index)} />}
          </OrderedEntry>
        ))}
      </ol>
      <Button size="sm" className="w-fit" onClick={() => add(another)}>
        <Plus aria-hidden />
        {t(words.add)}
      </Button>
    </>
  );
}
