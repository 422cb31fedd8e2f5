import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Keyboard, Moon, Plus, Settings2 } from "lucide-react";
import { collectionsQuery } from "@/api/queries";
import { CollectionIcon } from "@/components/collection-type";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { type Theme, usePreferences } from "@/theme";
import { Command, CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList } from "@/ui/command";
import { Dialog, DialogContent } from "@/ui/dialog";
import { Kbd } from "@/ui/kbd";
import { places } from "./places";

interface PaletteProps {
  onClose: () => void;
  onShortcuts: () => void;
}

const themes = ["light", "dark", "system"] as const satisfies Theme[];
const themeLabels = { light: "theme.light", dark: "theme.dark", system: "theme.system" } as const;

/** Every page, every collection and what can be done, by typing part of its name. */
export function Palette({ onClose, onShortcuts }: PaletteProps) {
  const router = useRouter();
  const setTheme = usePreferences((preferences) => preferences.setTheme);
  const collections = useQuery(collectionsQuery());

  const go = (leave: () => Promise<void>) => {
    onClose();
    void leave();
  };
  const own = [...(collections.data ?? [])].sort((a, b) => Number(a.system) - Number(b.system));

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={<span className="sr-only">{t("palette.label")}</span>}
        closeLabel={t("action.close")}
        className="overflow-hidden sm:top-[14dvh] sm:max-w-xl sm:translate-y-0 [&>header]:sr-only [&>header]:p-0"
      >
        <Command loop label={t("palette.label")}>
          <CommandInput placeholder={t("palette.hint")} className="h-12 pr-10 sm:text-base" />
          <CommandList label={t("palette.label")} className="max-h-[min(24rem,60dvh)] p-1.5">
            <CommandEmpty>{t("combobox.none")}</CommandEmpty>
            <CommandGroup heading={t("palette.go")}>
              {places.map(({ label, icon: Icon, to, key }) => (
                <CommandItem key={label} value={t(label)} onSelect={() => go(() => router.navigate(to))}>
                  <Icon aria-hidden className="text-ink-soft" />
                  <span className="flex-1">{t(label)}</span>
                  <Kbd aria-hidden className="pointer-coarse:hidden">{`G ${key.toUpperCase()}`}</Kbd>
                </CommandItem>
              ))}
            </CommandGroup>
            <CommandGroup heading={t("palette.collections")}>
              {own.map(({ name, type }) => (
                <CommandItem
                  key={name}
                  value={t("palette.records", { name })}
                  onSelect={() => go(() => router.navigate(paths.records(name)))}
                >
                  <CollectionIcon type={type} className="text-ink-soft" />
                  {t("palette.records", { name })}
                </CommandItem>
              ))}
            </CommandGroup>
            <CommandGroup heading={t("palette.actions")}>
              <CommandItem
                value={t("newCollection.title")}
                onSelect={() => go(() => router.navigate(paths.newCollection()))}
              >
                <Plus aria-hidden className="text-ink-soft" />
                {t("newCollection.title")}
              </CommandItem>
              {own
                .filter(({ type, system }) => type !== "view" && !system)
                .map(({ name }) => (
                  <CommandItem
                    key={name}
                    value={t("palette.newRecord", { name })}
                    onSelect={() => go(() => router.navigate(paths.record(name, "new")))}
                  >
                    <Plus aria-hidden className="text-ink-soft" />
                    {t("palette.newRecord", { name })}
                  </CommandItem>
                ))}
              {own.map(({ name }) => (
                <CommandItem
                  key={name}
                  value={t("palette.edit", { name })}
                  onSelect={() => go(() => router.navigate(paths.collection(name)))}
                >
                  <Settings2 aria-hidden className="text-ink-soft" />
                  {t("palette.edit", { name })}
                </CommandItem>
              ))}
              {themes.map((theme) => (
                <CommandItem
                  key={theme}
                  value={t("palette.theme", { theme: t(themeLabels[theme]) })}
                  onSelect={() => {
                    setTheme(theme);
                    onClose();
                  }}
                >
                  <Moon aria-hidden className="text-ink-soft" />
                  {t("palette.theme", { theme: t(themeLabels[theme]) })}
                </CommandItem>
              ))}
              <CommandItem value={t("palette.shortcuts")} onSelect={onShortcuts}>
                <Keyboard aria-hidden className="text-ink-soft" />
                <span className="flex-1">{t("palette.shortcuts")}</span>
                <Kbd aria-hidden className="pointer-coarse:hidden">
                  ?
                </Kbd>
              </CommandItem>
            </CommandGroup>
          </CommandList>
        </Command>
      </DialogContent>
    </Dialog>
  );
}
