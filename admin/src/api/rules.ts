/** Rules asked about before they are saved: whether they can be read, what they say, and what they would do. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { RuleCheck, RuleProblem } from "@/api/types";

export type RuleKind = "list" | "view" | "create" | "update" | "delete" | "auth" | "manage";

/** `null` where the server is too old to say. The collection is a name, or a definition that is not saved yet. */
export const ruleCheckQuery = (collection: string, rule: string, kind: RuleKind) =>
  queryOptions({
    queryKey: ["rules", "check", collection, rule, kind],
    queryFn: async ({ signal }): Promise<RuleCheck | null> => {
      try {
        return await api.post<RuleCheck>("/api/rules/check", { body: { collection, rule, kind }, signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export type TryAs = "guest" | { collection: string; id: string };

export interface RuleTry {
  collection: string;
  action: RuleKind;
  rule: string | null;
  as: TryAs;
  record?: string;
  body?: Record<string, unknown>;
}

/** The smallest part of a rule that decided, with the values that were compared. */
export interface Decider {
  text: string;
  value: boolean;
  sides?: unknown;
}

export interface RuleVerdict {
  allowed: boolean;
  /** What the caller would be answered with. */
  refusal?: { status: number; message: string; data: unknown } | null;
  explanation?: string | null;
  errors?: RuleProblem[];
  decidedBy?: Decider | null;
  visible?: { count: number; more: boolean } | null;
  sql?: { text: string; params: unknown[]; plan: string[] } | null;
}

export function tryRule(body: RuleTry): Promise<RuleVerdict> {
  return api.post<RuleVerdict>("/api/rules/try", { body });
}
