/** What the server does by itself again and again. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Page } from "@/api/types";

export interface JobRun {
  id: string;
  job: string;
  cause: string;
  outcome: string;
  /** How many things were dealt with, or why it failed. */
  detail: string;
  started: string;
  durationMs: number;
}

export interface Job {
  id: string;
  expression: string;
  next: string;
  running: boolean;
  last: JobRun | null;
}

export const jobsKey = ["jobs"] as const;

export const jobsQuery = () =>
  queryOptions({
    queryKey: jobsKey,
    queryFn: ({ signal }) => api.get<Job[]>("/api/crons", { signal }),
  });

const jobPath = (id: string) => `/api/crons/${encodeURIComponent(id)}`;

export const jobRunsQuery = (id: string) =>
  queryOptions({
    queryKey: [...jobsKey, id, "runs"],
    queryFn: async ({ signal }) =>
      (await api.get<Page<JobRun>>(`${jobPath(id)}/runs`, { query: { perPage: 100 }, signal })).items,
  });

/** Begins a run, and does not wait for its end. */
export function runJob(id: string): Promise<void> {
  return api.post(jobPath(id));
}
