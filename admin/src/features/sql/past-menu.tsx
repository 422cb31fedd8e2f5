import { History } from "lucide-react";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "@/ui/dropdown-menu";

interface PastMenuProps {
  /** Newest first. */
  past: string[];
  onTake: (query: string) => void;
}

/** What was run or typed before, to be taken again. */
export function PastMenu({ past, onTake }: PastMenuProps) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button disabled={past.length === 0}>
          <History aria-hidden />
          {t("sql.past")}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent
        align="start"
        className="max-h-80 w-[min(32rem,calc(100vw-1rem))] overflow-y-auto"
        aria-label={t("sql.past")}
      >
        {past.map((query) => (
          <DropdownMenuItem key={query} onSelect={() => onTake(query)}>
            <code className="min-w-0 truncate font-mono text-xs">{query}</code>
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
