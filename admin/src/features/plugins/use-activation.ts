import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { approveVersion } from "@/api/plugin-watch";
import { activateVersion, keys } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { t } from "@/i18n";
import { toast } from "@/ui/toast";
import { type Misfit, misfitsOf } from "./misfits";

interface Wish {
  version: Plugin;
  /** Although it does not accept what is configured. */
  force: boolean;
}

/** The question whether another version should be called, from being asked to being answered. */
export function useActivation(plugin: Plugin, onCalled?: () => void) {
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<Plugin | null>(null);
  const [misfits, setMisfits] = useState<Misfit[]>([]);
  const activate = useMutation({
    // Whoever wants it called agrees to it.
    mutationFn: async ({ version: { version, approved }, force }: Wish) => {
      if (approved === false) await approveVersion(plugin.id, version, force);
      return activateVersion(plugin.id, version, force);
    },
    onSuccess: async (_, { version: { version }, force }) => {
      setAsked(null);
      toast.success(
        t("versions.activated", { version }),
        force ? { description: t("misfits.forced") } : undefined,
      );
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      onCalled?.();
    },
    onError: (error) => {
      const found = misfitsOf(error);
      if (found.length > 0) setMisfits(found);
    },
  });
  return {
    /** With what is known not to fit already. */
    ask: (version: Plugin, known: Misfit[] = []) => {
      activate.reset();
      setMisfits(known);
      setAsked(version);
    },
    /** For the dialog. */
    dialog: {
      plugin,
      version: asked,
      pending: activate.isPending ? (activate.variables.force ? "forced" : "plain") : null,
      error: activate.error,
      misfits,
      onConfirm: (version: Plugin, force: boolean) => activate.mutate({ version, force }),
      onClose: () => setAsked(null),
    } as const,
  };
}
