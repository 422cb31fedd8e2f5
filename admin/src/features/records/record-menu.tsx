import { Braces, Code2, Ellipsis, Terminal, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Collection, RecordData } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { copyText } from "@/components/copy-text";
import { presentation } from "@/components/presentation";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/ui/dropdown-menu";
import { toast } from "@/ui/toast";
import { recordAsCurl, recordAsJs } from "./snippets";

interface RecordMenuProps {
  collection: Collection;
  record: RecordData;
  onDelete: () => void;
}

export async function copyWithWord(text: string): Promise<void> {
  if (await copyText(text)) toast.success(t("action.copied"));
}

/** What can be done with one record besides changing it. */
export function RecordMenu({ collection, record, onDelete }: RecordMenuProps) {
  const [asking, setAsking] = useState(false);

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon-sm" aria-label={t("record.menu")}>
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem onSelect={() => void copyWithWord(JSON.stringify(record, null, 2))}>
            <Braces aria-hidden />
            {t("records.copyJson")}
          </DropdownMenuItem>
          <DropdownMenuItem
            onSelect={() =>
              void copyWithWord(recordAsCurl(window.location.origin, collection.name, record.id))
            }
          >
            <Terminal aria-hidden />
            {t("records.copyCurl")}
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => void copyWithWord(recordAsJs(collection.name, record.id))}>
            <Code2 aria-hidden />
            {t("records.copyJs")}
          </DropdownMenuItem>
          {collection.type !== "view" && (
            <>
              <DropdownMenuSeparator />
              <DropdownMenuItem onSelect={() => setAsking(true)} className="text-danger [&_svg]:text-danger">
                <Trash2 aria-hidden />
                {t("record.delete")}
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("record.deleteTitle", { name: presentation(record, collection) })}
        description={t("records.deleteText")}
        confirm={t("action.delete")}
        onConfirm={() => {
          setAsking(false);
          onDelete();
        }}
      />
    </>
  );
}
