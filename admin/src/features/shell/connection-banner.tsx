import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { api } from "@/api/client";
import { useReachable } from "@/api/connection";
import { t } from "@/i18n";
import { Button } from "@/ui/button";

const firstWaitSeconds = 4;
const longestWaitSeconds = 30;

/** While the server does not answer: says so, tries again by itself, and fetches anew what is shown once it does. */
export function ConnectionBanner() {
  return useReachable() ? null : <Reconnecting />;
}

function Reconnecting() {
  const queryClient = useQueryClient();
  const router = useRouter();
  const [tries, setTries] = useState(0);
  const [wait, setWait] = useState(firstWaitSeconds);
  const [trying, setTrying] = useState(false);

  const attempt = useCallback(async () => {
    setTrying(true);
    try {
      await api.get("/api/health", { needsSession: false });
    } catch {
      // The client has noted whether there was an answer; any answer, also a refusal, ends this banner.
    }
    setTrying(false);
    setTries((count) => count + 1);
  }, []);

  // What failed while the server was away is fetched when this goes away, which is when the server is back.
  useEffect(
    () => () => {
      void queryClient.invalidateQueries();
      void router.invalidate();
    },
    [queryClient, router],
  );

  useEffect(() => {
    setWait(Math.min(firstWaitSeconds * 2 ** tries, longestWaitSeconds));
  }, [tries]);

  useEffect(() => {
    if (trying) return;
    if (wait <= 0) {
      void attempt();
      return;
    }
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait, trying, attempt]);

  return (
    <div
      role="status"
      className="sticky top-0 z-30 flex flex-wrap items-center gap-x-3 gap-y-1 border-warning/30 border-b bg-warning-soft px-4 py-2 text-sm sm:px-8"
    >
      <WifiOff aria-hidden className="size-4 shrink-0 text-warning" />
      <p className="flex-1">
        {t("connection.lost")} {/* Read out once, not every second. */}
        <span aria-hidden className="text-ink-soft tabular-nums">
          {trying ? t("connection.trying") : t("connection.next", { count: wait })}
        </span>
      </p>
      <Button size="sm" pending={trying} onClick={() => void attempt()}>
        {t("connection.retry")}
      </Button>
    </div>
  );
}
