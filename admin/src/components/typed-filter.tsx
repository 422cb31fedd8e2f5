import { type FormEvent, useEffect, useRef, useState } from "react";
import { isExpression } from "@/components/presentation";
import { SearchInput } from "@/components/search-input";
import { t } from "@/i18n";

interface TypedFilterProps {
  label: string;
  placeholder: string;
  value: string;
  onCommit: (value: string) => void;
}

const pauseMs = 300;

/** Words search while they are typed; an expression waits for Enter, because half of one is a mistake. */
export function TypedFilter({ label, placeholder, value, onCommit }: TypedFilterProps) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const commit = (next: string) => {
    clearTimeout(timer.current);
    onCommit(next);
  };
  const change = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    if (next === "") onCommit("");
    else if (!isExpression(next)) timer.current = setTimeout(() => onCommit(next), pauseMs);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    commit(text);
  };

  const waits = text !== value && isExpression(text);
  return (
    <form className="relative w-full min-w-0 sm:max-w-xl sm:flex-1" onSubmit={submit}>
      <SearchInput label={label} placeholder={placeholder} value={text} onChange={change} />
      <p role="status" className="text-ink-soft text-xs empty:hidden">
        {waits && t("records.filterEnter")}
      </p>
    </form>
  );
}
