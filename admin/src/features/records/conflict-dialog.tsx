import type { RecordData } from "@/api/types";
import { type Choice, ConflictDialog } from "@/components/conflict-dialog";
import { t } from "@/i18n";
import type { Conflict, FieldConflict } from "./conflict";
import { editorOf } from "./editors";

interface RecordConflictProps {
  conflict: Conflict;
  collection: string;
  /** As it is stored by now. */
  stored: RecordData;
  pending: boolean;
  onResolve: (choices: Record<string, Choice>) => void;
  onClose: () => void;
}

/** Asks of each field of a record that two people have changed. */
export function RecordConflict({ conflict, collection, stored, ...rest }: RecordConflictProps) {
  const offersOf = ({ field, mine, theirs, both }: FieldConflict) => {
    const { Cell } = editorOf(field);
    const offer = (choice: Choice, value: unknown) => ({
      choice,
      shown: <Cell field={field} value={value} collection={collection} record={stored} />,
    });
    return [offer("mine", mine), offer("theirs", theirs), ...(both ? [offer("both", both)] : [])];
  };
  return (
    <ConflictDialog
      title={t("conflict.title")}
      questions={conflict.fields.map((each) => ({
        key: each.field.name,
        name: each.field.name,
        offers: offersOf(each),
      }))}
      others={conflict.others}
      {...rest}
    />
  );
}
