import { Search } from "lucide-react";
import { useState } from "react";
import { addableKinds, kindExample, kindIcon, kindLabel, kindText } from "@/components/field-kinds";
import { t } from "@/i18n";
import { Dialog, DialogBody, DialogContent } from "@/ui/dialog";
import { Input } from "@/ui/input";

interface TypePickerProps {
  open: boolean;
  onClose: () => void;
  /** With a name, where one was typed along: `price number`. */
  onPick: (type: string, name: string) => void;
}

/** The kinds of fields with what each is for. Typing finds one, also by its name in front: `price number`. */
export function TypePicker({ open, onClose, onPick }: TypePickerProps) {
  const [text, setText] = useState("");
  const { kinds, name } = matching(text);
  const pick = (type: string) => {
    onPick(type, name);
    setText("");
  };
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()}>
      <DialogContent
        title={t("picker.title")}
        description={t("picker.text")}
        closeLabel={t("action.close")}
        className="sm:max-w-2xl"
      >
        <div className="relative mx-5 mt-4 sm:mx-6">
          <Search
            aria-hidden
            className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-ink-soft"
          />
          <Input
            aria-label={t("picker.search")}
            placeholder={t("picker.hint")}
            autoComplete="off"
            autoCapitalize="none"
            className="pl-8"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !kinds[0]) return;
              event.preventDefault();
              pick(kinds[0]);
            }}
          />
        </div>
        <DialogBody>
          <ul className="grid gap-2 sm:grid-cols-2">
            {kinds.map((type) => {
              const Icon = kindIcon(type);
              return (
                <li key={type}>
                  <button
                    type="button"
                    onClick={() => pick(type)}
                    className="flex h-full w-full gap-3 rounded-lg border border-line px-3 py-2.5 text-left transition-colors hover:border-accent/60 hover:bg-accent-soft/60"
                  >
                    <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
                    <span className="grid min-w-0 content-start gap-0.5">
                      <span className="font-medium text-sm">{kindLabel(type)}</span>
                      <span className="text-ink-soft text-xs leading-5">{kindText(type)}</span>
                      <span className="truncate font-mono text-ink-soft text-xs">{kindExample(type)}</span>
                    </span>
                  </button>
                </li>
              );
            })}
          </ul>
          {kinds.length === 0 && (
            <p className="py-8 text-center text-ink-soft text-sm">{t("combobox.none")}</p>
          )}
        </DialogBody>
      </DialogContent>
    </Dialog>
  );
}

/** `price number` is the kind `number` for a field `price`; one word is the beginning of a kind. */
export function matching(text: string): { kinds: string[]; name: string } {
  const words = text.trim().split(/\s+/);
  const wanted = (words.at(-1) ?? "").toLowerCase();
  const kinds = addableKinds.filter(
    (type) => type.toLowerCase().includes(wanted) || kindLabel(type).toLowerCase().includes(wanted),
  );
  return { kinds, name: words.length > 1 ? (words[0] ?? "") : "" };
}
