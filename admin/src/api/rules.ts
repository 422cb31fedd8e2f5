/** Rules asked about before they are saved: whether they can be read, what they say, and what they would do. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";
import { ApiError } from "@/api/errors";
import type { RuleCheck } from "@/api/types";

export type RuleTry = Schemas["RuleTrial"];
export type RuleKind = RuleTry["action"];

/** `null` where the server is too old to say. The collection is a name, or a definition that is not saved yet. */
export const ruleCheckQuery = (collection: string, rule: string, kind: RuleKind) =>
  queryOptions({
    queryKey: ["rules", "check", collection, rule, kind],
    queryFn: async ({ signal }): Promise<RuleCheck | null> => {
      try {
        return await api.post("/api/rules/check", { body: { collection, rule, kind }, signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export type TryAs = "guest" | { collection: string; id: string };

export type RuleVerdict = Schemas["RuleVerdict"];
/** The smallest part of a rule that decided, with the values that were compared. */
export type Decider = NonNullable<RuleVerdict["decidedBy"]>;

export function tryRule(body: RuleTry): Promise<RuleVerdict> {
  return api.post("/api/rules/try", { body });
}
