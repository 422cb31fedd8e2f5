import { Check, ChevronsUpDown } from "lucide-react";
import { type ReactNode, type Ref, useId, useState } from "react";
import { t } from "@/i18n";
import { cn } from "@/ui/cn";
import { Command, CommandEmpty, CommandInput, CommandItem, CommandList } from "@/ui/command";
import type { ControlProps } from "@/ui/field";
import { inputClasses } from "@/ui/input";
import { Popover, PopoverContent, PopoverTrigger } from "@/ui/popover";

export interface Option {
  value: string;
  label: string;
  icon?: ReactNode;
}

interface ComboboxProps {
  options: Option[];
  value: string;
  onChange: (value: string) => void;
  placeholder: string;
  searchLabel: string;
  control: ControlProps;
  ref?: Ref<HTMLButtonElement>;
}

/** Chooses one of many by typing part of its name. */
export function Combobox({
  options,
  value,
  onChange,
  placeholder,
  searchLabel,
  control,
  ref,
}: ComboboxProps) {
  const [open, setOpen] = useState(false);
  const listId = useId();
  const chosen = options.find((option) => option.value === value);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <button
          ref={ref}
          type="button"
          role="combobox"
          aria-expanded={open}
          aria-controls={listId}
          className={cn(inputClasses, "flex items-center gap-2 text-left [&_svg]:size-4 [&_svg]:shrink-0")}
          {...control}
        >
          {chosen?.icon}
          <span className={cn("min-w-0 flex-1 truncate", !chosen && "text-ink-soft")}>
            {chosen?.label ?? placeholder}
          </span>
          <ChevronsUpDown aria-hidden className="text-ink-soft" />
        </button>
      </PopoverTrigger>
      <PopoverContent id={listId} aria-label={searchLabel}>
        <Command loop label={searchLabel}>
          <CommandInput placeholder={searchLabel} />
          <CommandList label={searchLabel}>
            <CommandEmpty>{t("combobox.none")}</CommandEmpty>
            {options.map((option) => (
              <CommandItem
                key={option.value}
                value={option.value}
                keywords={[option.label]}
                onSelect={() => {
                  onChange(option.value);
                  setOpen(false);
                }}
              >
                {option.icon}
                <span className="min-w-0 flex-1 truncate">{option.label}</span>
                {option.value === value && <Check aria-hidden className="text-accent" />}
              </CommandItem>
            ))}
          </CommandList>
        </Command>
      </PopoverContent>
    </Popover>
  );
}
