import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { approveVersion } from "@/api/plugin-watch";
import { activateVersion, keys } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { t } from "@/i18n";
import { toast } from "@/ui/toast";

/** The question whether another version should be called, from being asked to being answered. */
export function useActivation(plugin: Plugin) {
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<Plugin | null>(null);
  const activate = useMutation({
    // Whoever wants it called agrees to it.
    mutationFn: async ({ version, approved }: Plugin) => {
      if (approved === false) await approveVersion(plugin.id, version);
      return activateVersion(plugin.id, version);
    },
    onSuccess: async (_, { version }) => {
      setAsked(null);
      toast.success(t("versions.activated", { version }));
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
    },
  });
  return {
    ask: (version: Plugin) => {
      activate.reset();
      setAsked(version);
    },
    /** For the dialog. */
    dialog: {
      plugin,
      version: asked,
      pending: activate.isPending,
      error: activate.error,
      onConfirm: (version: Plugin) => activate.mutate(version),
      onClose: () => setAsked(null),
    },
  };
}
