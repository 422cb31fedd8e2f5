import { useEffect, useState } from "react";
import { copyText } from "./copy-text";

/** Copies a text, and says for a moment that it did. */
export function useCopied() {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = (text: string) => void copyText(text).then(setCopied);
  return { copied, copy };
}
