import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { keys, uploadPlugin } from "@/api/queries";
import type { Plugin } from "@/api/types";

export type PluginUpload = ReturnType<typeof usePluginUpload>;

/** One upload at a time: its file, the share that was sent, and how it ended. */
export function usePluginUpload(onDone: (plugin: Plugin) => void) {
  const queryClient = useQueryClient();
  const [share, setShare] = useState(0);
  const aborter = useRef<AbortController>(null);

  const mutation = useMutation({
    mutationFn: (file: File) => {
      aborter.current = new AbortController();
      setShare(0);
      return uploadPlugin(file, { signal: aborter.current.signal, onProgress: setShare });
    },
    onSuccess: async (plugin) => {
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      onDone(plugin);
    },
    onError: (error) => {
      if (error.name === "AbortError") mutation.reset();
    },
  });

  return {
    file: mutation.variables ?? null,
    pending: mutation.isPending,
    /** From 0 to 1; at 1 the server has it all and is at work. */
    share,
    error: mutation.error,
    /** What the last one was answered with, until the next begins. */
    done: mutation.data ?? null,
    start: (file: File) => {
      if (!mutation.isPending) mutation.mutate(file);
    },
    cancel: () => aborter.current?.abort(),
    dismiss: mutation.reset,
  };
}
