/** What the server does by itself again and again. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

/** Its `detail` says how many things were dealt with, or why it failed. */
export type JobRun = Schemas["CronRun"];
export type Job = Schemas["Cron"];

export const jobsKey = ["jobs"] as const;

export const jobsQuery = () =>
  queryOptions({
    queryKey: jobsKey,
    queryFn: ({ signal }) => api.get("/api/crons", { signal }),
  });

export const jobRunsQuery = (id: string) =>
  queryOptions({
    queryKey: [...jobsKey, id, "runs"],
    queryFn: async ({ signal }) => {
      const options = { path: { id }, query: { perPage: 100 }, signal };
      return (await api.get("/api/crons/{id}/runs", options)).items;
    },
  });

/** Begins a run, and does not wait for its end. */
export function runJob(id: string): Promise<void> {
  return api.post("/api/crons/{id}", { path: { id } });
}
