import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Braces, CopyPlus, Download, Ellipsis, Eraser, Trash2 } from "lucide-react";
import { useState } from "react";
import { ChangedMeanwhile, deleteCollection } from "@/api/definitions";
import { ApiError } from "@/api/errors";
import { keys, truncateCollection } from "@/api/queries";
import type { Collection } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { copyText } from "@/components/copy-text";
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
import { NewCollectionDialog } from "./new-collection-dialog";
import { download, exported } from "./transfer";

interface CollectionMenuProps {
  collection: Collection;
  onCopied: (copy: Collection) => void;
  onDeleted: () => void;
}

/** What can be done with a collection as a whole. */
export function CollectionMenu({ collection, onCopied, onDeleted }: CollectionMenuProps) {
  const queryClient = useQueryClient();
  const [open, setOpen] = useState<"copy" | "truncate" | "delete" | null>(null);
  const { name, type, system } = collection;

  const truncate = useMutation({
    mutationFn: () => truncateCollection(name),
    onSuccess: async () => {
      setOpen(null);
      toast.success(t("collection.truncated", { name }));
      await queryClient.invalidateQueries({ queryKey: keys.records });
    },
  });
  const remove = useMutation({
    mutationFn: () => deleteCollection(queryClient, collection),
    onSuccess: async () => {
      setOpen(null);
      toast.success(t("collection.deleted", { name }));
      onDeleted();
      await queryClient.invalidateQueries({ queryKey: keys.collections });
    },
  });

  const copyJson = async () => {
    if (await copyText(exported([collection]))) toast.success(t("action.copied"));
  };

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button size="icon" aria-label={t("collection.menu")}>
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          {!system && (
            <DropdownMenuItem onSelect={() => setOpen("copy")}>
              <CopyPlus aria-hidden />
              {t("collection.duplicate")}
            </DropdownMenuItem>
          )}
          <DropdownMenuItem onSelect={() => void copyJson()}>
            <Braces aria-hidden />
            {t("records.copyJson")}
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => download(`${name}.json`, exported([collection]))}>
            <Download aria-hidden />
            {t("collection.download")}
          </DropdownMenuItem>
          {!system && (
            <>
              <DropdownMenuSeparator />
              {type !== "view" && (
                <DropdownMenuItem onSelect={() => setOpen("truncate")}>
                  <Eraser aria-hidden />
                  {t("collection.truncate")}
                </DropdownMenuItem>
              )}
              <DropdownMenuItem
                onSelect={() => setOpen("delete")}
                className="text-danger [&_svg]:text-danger"
              >
                <Trash2 aria-hidden />
                {t("collection.delete")}
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <NewCollectionDialog
        open={open === "copy"}
        origin={collection}
        onClose={() => setOpen(null)}
        onCreated={(copy) => {
          setOpen(null);
          onCopied(copy);
        }}
      />
      <ConfirmDialog
        open={open === "truncate"}
        onClose={() => setOpen(null)}
        title={t("collection.truncateTitle", { name })}
        description={t("collection.truncateText")}
        confirm={t("collection.truncateConfirm")}
        typed={name}
        onConfirm={() => truncate.mutate()}
        pending={truncate.isPending}
        error={truncate.error}
      />
      <ConfirmDialog
        open={open === "delete"}
        onClose={() => setOpen(null)}
        title={t("collection.deleteTitle", { name })}
        description={t("collection.deleteText")}
        confirm={t("action.delete")}
        typed={name}
        onConfirm={() => remove.mutate()}
        pending={remove.isPending}
        error={remove.error instanceof ChangedMeanwhile ? changedMeanwhile() : remove.error}
      />
    </>
  );
}

/** The page behind the question shows what it is by now; whoever still wants to delete it says so again. */
function changedMeanwhile(): ApiError {
  return new ApiError({ kind: "refused", status: 412, message: t("collection.deleteMeanwhile") });
}
