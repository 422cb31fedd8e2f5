import { useState } from "react";
import type { RecordData } from "@/api/types";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { RadioGroup, RadioGroupItem } from "@/ui/radio-group";
import type { Choice, Conflict, FieldConflict } from "./conflict";
import { editorOf } from "./editors";

interface ConflictDialogProps {
  conflict: Conflict;
  collection: string;
  /** As it is stored by now. */
  stored: RecordData;
  pending: boolean;
  onResolve: (choices: Record<string, Choice>) => void;
  onClose: () => void;
}

const labels = { mine: "conflict.mine", theirs: "conflict.theirs", both: "conflict.both" } as const;

/** Nothing has been written yet: for each field that two people have changed, whose value is to stay. */
export function ConflictDialog(props: ConflictDialogProps) {
  const { conflict, collection, stored, pending, onResolve, onClose } = props;
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const all = (choice: Choice) =>
    setChoices(Object.fromEntries(conflict.fields.map(({ field }) => [field.name, choice])));

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={t("conflict.title")}
        description={t("conflict.text")}
        closeLabel={t("action.close")}
        className="sm:max-w-xl"
      >
        <DialogBody className="grid content-start gap-5">
          {conflict.fields.length > 1 && (
            <div className="flex flex-wrap gap-2">
              <Button size="sm" onClick={() => all("mine")}>
                {t("conflict.allMine")}
              </Button>
              <Button size="sm" onClick={() => all("theirs")}>
                {t("conflict.allTheirs")}
              </Button>
            </div>
          )}
          {conflict.fields.map((each) => (
            <Question
              key={each.field.id}
              conflict={each}
              collection={collection}
              stored={stored}
              choice={choices[each.field.name] ?? "mine"}
              onChoose={(choice) => setChoices({ ...choices, [each.field.name]: choice })}
            />
          ))}
          {conflict.others.length > 0 && (
            <p className="text-ink-soft text-sm">
              {t("conflict.others", { names: conflict.others.join(", ") })}
            </p>
          )}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("conflict.back")}</Button>
          <Button variant="primary" pending={pending} onClick={() => onResolve(choices)}>
            {t("conflict.save")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}

interface QuestionProps {
  conflict: FieldConflict;
  collection: string;
  stored: RecordData;
  choice: Choice;
  onChoose: (choice: Choice) => void;
}

function Question({ conflict, collection, stored, choice, onChoose }: QuestionProps) {
  const { field, mine, theirs, both } = conflict;
  const { Cell } = editorOf(field);
  const offers = [
    { key: "mine", value: mine },
    { key: "theirs", value: theirs },
    ...(both ? [{ key: "both", value: both } as const] : []),
  ] as const;
  return (
    <fieldset className="grid min-w-0 gap-1.5">
      <legend className="mb-1.5 font-medium text-[0.8125rem]">{field.name}</legend>
      <RadioGroup
        aria-label={field.name}
        value={choice}
        onValueChange={(next) => onChoose(next as Choice)}
        className="gap-0 divide-y divide-line overflow-hidden rounded-lg border border-line"
      >
        {offers.map(({ key, value }) => {
          const id = `conflict-${field.id}-${key}`;
          return (
            <label
              key={key}
              htmlFor={id}
              className="grid min-w-0 cursor-pointer grid-cols-[auto_5rem_minmax(0,1fr)] items-center gap-3 px-3 py-2.5 text-sm hover:bg-hover/55 has-data-[state=checked]:bg-accent-soft/60"
            >
              <RadioGroupItem id={id} value={key} />
              <span className="text-ink-soft">{t(labels[key])}</span>
              <span className="min-w-0 overflow-hidden">
                <Cell field={field} value={value} collection={collection} record={stored} />
              </span>
            </label>
          );
        })}
      </RadioGroup>
    </fieldset>
  );
}
