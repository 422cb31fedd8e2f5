import { useMutation, useQueryClient } from "@tanstack/react-query";
import { settingsQuery, updateSettings } from "@/api/queries";
import { toast } from "@/ui/toast";

interface SaveOptions<T> {
  /** What is sent for what was changed. */
  toBody: (sent: T) => Record<string, unknown>;
  /** Told what was sent: what was typed since then is not saved yet. */
  onSaved: (sent: T) => void;
  /** What is said when it is saved. */
  done: string;
}

/** Saves what a form has changed, and has the answer shown wherever settings are. */
export function useSaveSettings<T>({ toBody, onSaved, done }: SaveOptions<T>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (sent: T) => updateSettings(toBody(sent)),
    onSuccess: (saved, sent) => {
      queryClient.setQueryData(settingsQuery().queryKey, saved);
      onSaved(sent);
      toast.success(done);
    },
  });
}
