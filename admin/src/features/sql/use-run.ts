import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { keys } from "@/api/queries";
import { runStatement, type Statement, type StatementRows } from "@/api/sql";

/** One statement at a time, which can be given up: then its data is null. */
export function useRun() {
  const queryClient = useQueryClient();
  const running = useRef<{ write: boolean; controller: AbortController }>(null);
  const run = useMutation({
    mutationFn: async (statement: Statement): Promise<StatementRows | null> => {
      const controller = new AbortController();
      running.current = { write: statement.write, controller };
      try {
        return await runStatement(statement, controller.signal);
      } catch (error) {
        if (controller.signal.aborted) return null;
        throw error;
      }
    },
    onSettled: (_data, _error, { write }) => {
      running.current = null;
      if (write) void queryClient.invalidateQueries({ queryKey: keys.records });
    },
  });

  // Nobody waits for what is read any more once the page is left.
  useEffect(
    () => () => {
      if (running.current && !running.current.write) running.current.controller.abort();
    },
    [],
  );

  return { ...run, giveUp: () => running.current?.controller.abort() };
}
