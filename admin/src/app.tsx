/** The application as a whole: its caches, its router and what surrounds every page. `main.tsx` mounts it. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RouterHistory, RouterProvider } from "@tanstack/react-router";
import { type ReactElement, StrictMode } from "react";
import { setSessionCheck, setSessionLostHandler } from "@/api/client";
import { toApiError } from "@/api/errors";
import { keys, sessionQuery } from "@/api/queries";
import { useMedia } from "@/components/use-media";
import { t } from "@/i18n";
import { makeRouter } from "@/routes";
import { usePreferences } from "@/theme";
import { Toaster } from "@/ui/toast";

interface AppOptions {
  /** The browser's own unless a test brings another. */
  history?: RouterHistory;
  /** How long a failed read waits before its second try. */
  retryDelayMs?: number;
}

/** What lives as long as the page does. */
export function makeApp({ history, retryDelayMs = 600 }: AppOptions = {}) {
  const queryClient = makeQueryClient(retryDelayMs);
  // A refusal may also mean that another tab signed in anew, so the server is asked. The shell watches the session and
  // leads to sign in, with the way back, when there is none.
  setSessionLostHandler(() => void queryClient.invalidateQueries({ queryKey: keys.session }));
  setSessionCheck(async () => {
    const asked = queryClient.fetchQuery({ ...sessionQuery(), staleTime: 0, retry: false });
    // Without an answer nothing is known, and what was refused stays refused.
    return (await asked.catch(() => undefined)) !== null;
  });
  return { queryClient, router: makeRouter(queryClient, history) };
}

export function App({ queryClient, router }: ReturnType<typeof makeApp>): ReactElement {
  return (
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </StrictMode>
  );
}

function Toasts() {
  const theme = usePreferences((preferences) => preferences.theme);
  const besideNavigation = useMedia("(min-width: 64rem)");
  return (
    <Toaster
      theme={theme}
      label={t("app.toasts")}
      closeLabel={t("action.close")}
      besideNavigation={besideNavigation}
    />
  );
}

function makeQueryClient(retryDelay: number): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < 1 && toApiError(error).isTemporary,
        retryDelay,
        // A server in the same room needs no internet; requests say for themselves whether they got through.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
