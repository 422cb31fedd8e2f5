import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Input } from "@/ui/input";

interface SearchInputProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
}

/**
 * Searches while typing. It keeps its own text, because what it reports comes back through the URL a moment later
 * and would overtake the keys. `/` reaches it from anywhere outside a text field, Escape clears it.
 */
export function SearchInput({ label, placeholder, value, onChange, className }: SearchInputProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const reported = useRef(value);

  useEffect(() => {
    if (value === reported.current) return;
    reported.current = value;
    setText(value);
  }, [value]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  const change = (next: string) => {
    reported.current = next;
    setText(next);
    onChange(next);
  };

  return (
    <search className={cn("relative", className)}>
      <Search aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-ink-soft" />
      <Input
        ref={input}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={placeholder}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && text !== "" && change("")}
        className="px-8"
      />
      {text === "" ? (
        <kbd
          aria-hidden
          className="pointer-events-none absolute top-2 right-2 hidden size-5 place-items-center rounded border border-line bg-sunken font-sans text-2xs text-ink-soft sm:grid"
        >
          {t("search.shortcut")}
        </kbd>
      ) : (
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("action.clearSearch")}
          className="absolute top-1 right-1"
          onClick={() => {
            change("");
            input.current?.focus();
          }}
        >
          <X aria-hidden />
        </Button>
      )}
    </search>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest("input, textarea, select, [role=dialog], [role=menu]") !== null)
  );
}
