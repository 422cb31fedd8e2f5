import { canCarry, type Exchange } from "@/api/exchange";
import { shellQuoted } from "@/components/shell-quoted";

const flags: Record<string, string> = { GET: "-i", HEAD: "-I" };

/** The same request for a shell. Whose name it is in is the token's business. */
export function exchangeAsCurl(origin: string, request: Exchange): string {
  const { method, path, body, contentType, asGuest } = request;
  const carries = canCarry(method) && body !== "";
  return [
    `curl ${flags[method] ?? `-i -X ${method}`} ${shellQuoted(origin + path)}`,
    !asGuest && '-H "Authorization: $TOKEN"',
    carries && contentType && `-H ${shellQuoted(`Content-Type: ${contentType}`)}`,
    carries && `--data-binary ${shellQuoted(body)}`,
  ]
    .filter(Boolean)
    .join(" \\\n  ");
}
