/** Nothing has been written yet: for each thing that two people have changed, whose value is to stay. */
import { type ReactNode, useState } from "react";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { RadioGroup, RadioGroupItem } from "@/ui/radio-group";

export type Choice = "mine" | "theirs" | "both";

export interface ConflictQuestion {
  key: string;
  name: string;
  /** The values to choose from, as they are shown. */
  offers: { choice: Choice; shown: ReactNode }[];
}

interface ConflictDialogProps {
  title: string;
  questions: ConflictQuestion[];
  /** What others have changed besides, and stays as they left it. */
  others: string[];
  pending: boolean;
  /** By the keys of the questions; mine where nothing was chosen. */
  onResolve: (choices: Record<string, Choice>) => void;
  onClose: () => void;
}

const labels = { mine: "conflict.mine", theirs: "conflict.theirs", both: "conflict.both" } as const;

export function ConflictDialog({
  title,
  questions,
  others,
  pending,
  onResolve,
  onClose,
}: ConflictDialogProps) {
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const all = (choice: Choice) => setChoices(Object.fromEntries(questions.map(({ key }) => [key, choice])));

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={title}
        description={t("conflict.text")}
        closeLabel={t("action.close")}
        className="sm:max-w-xl"
      >
        <DialogBody className="grid content-start gap-5">
          {questions.length > 1 && (
            <div className="flex flex-wrap gap-2">
              <Button size="sm" onClick={() => all("mine")}>
                {t("conflict.allMine")}
              </Button>
              <Button size="sm" onClick={() => all("theirs")}>
                {t("conflict.allTheirs")}
              </Button>
            </div>
          )}
          {questions.map((question) => (
            <Question
              key={question.key}
              question={question}
              choice={choices[question.key] ?? "mine"}
              onChoose={(choice) => setChoices({ ...choices, [question.key]: choice })}
            />
          ))}
          {others.length > 0 && (
            <p className="text-ink-soft text-sm">{t("conflict.others", { names: others.join(", ") })}</p>
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
  question: ConflictQuestion;
  choice: Choice;
  onChoose: (choice: Choice) => void;
}

function Question({ question: { key, name, offers }, choice, onChoose }: QuestionProps) {
  return (
    <fieldset className="grid min-w-0 gap-1.5">
      <legend className="mb-1.5 font-medium text-[0.8125rem]">{name}</legend>
      <RadioGroup
        aria-label={name}
        value={choice}
        onValueChange={(next) => onChoose(next as Choice)}
        className="gap-0 divide-y divide-line overflow-hidden rounded-lg border border-line"
      >
        {offers.map((offer) => {
          const id = `conflict-${key}-${offer.choice}`;
          return (
            <label
              key={offer.choice}
              htmlFor={id}
              className="grid min-w-0 cursor-pointer grid-cols-[auto_5rem_minmax(0,1fr)] items-center gap-3 px-3 py-2.5 text-sm hover:bg-hover/55 has-data-[state=checked]:bg-accent-soft/60"
            >
              <RadioGroupItem id={id} value={offer.choice} />
              <span className="text-ink-soft">{t(labels[offer.choice])}</span>
              <span className="min-w-0 overflow-hidden">{offer.shown}</span>
            </label>
          );
        })}
      </RadioGroup>
    </fieldset>
  );
}
