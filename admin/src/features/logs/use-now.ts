import { useEffect, useState } from "react";

const minuteMs = 60_000;

/** The present to the minute: often enough for a chart of hours. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minuteMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}
