import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { keys } from "@/api/queries";
import type { Session } from "@/api/types";

/** What follows a successful sign-in: nothing of an earlier account is kept, and the way goes on to `target`. */
export function useSessionStart(target: string) {
  const queryClient = useQueryClient();
  const router = useRouter();
  return async (session: Session | null) => {
    queryClient.clear();
    queryClient.setQueryData(keys.session, session);
    await router.navigate({ href: target, replace: true });
  };
}
