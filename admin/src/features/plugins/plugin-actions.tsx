import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pause, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { deletePlugin, keys, setPluginEnabled } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { describeError } from "@/components/describe-error";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";

/** Switching a plugin off and on, and taking it out. */
export function PluginActions({ plugin, onDeleted }: { plugin: Plugin; onDeleted: () => void }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const disabled = plugin.state === "disabled";

  const toggle = useMutation({
    mutationFn: () => setPluginEnabled(plugin.id, disabled),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      toast.success(t(disabled ? "plugin.enabledDone" : "plugin.disabledDone", { name: plugin.name }));
    },
    onError: (error) => toast.error(describeError(error).title, { description: describeError(error).text }),
  });
  const remove = useMutation({
    mutationFn: () => deletePlugin(plugin.id),
    onSuccess: async () => {
      setAsking(false);
      toast.success(t("plugin.deleted", { name: plugin.name }));
      onDeleted();
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
    },
  });

  return (
    <>
      <Button pending={toggle.isPending} onClick={() => toggle.mutate()}>
        {disabled ? <Play aria-hidden /> : <Pause aria-hidden />}
        {disabled ? t("plugin.enable") : t("plugin.disable")}
      </Button>
      <Button
        size="icon"
        aria-label={t("plugin.delete")}
        className="hover:bg-danger-soft hover:text-danger"
        onClick={() => {
          remove.reset();
          setAsking(true);
        }}
      >
        <Trash2 aria-hidden />
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("plugin.deleteTitle", { name: plugin.name })}
        description={t("plugin.deleteText")}
        confirm={t("action.delete")}
        typed={plugin.name}
        onConfirm={() => remove.mutate()}
        pending={remove.isPending}
        error={remove.error}
      />
    </>
  );
}
