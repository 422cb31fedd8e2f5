/** What can be told of a statement without an engine. */
import type { ApiError } from "@/api/errors";

/** Texts, names in quotes and comments: nothing in them is a word of the statement. */
const opaque = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|\[[^\]]*\]?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;

const reading = /^[\s(]*(?:select|values|explain|pragma)\b/i;
const changing = /\b(?:(?:insert|replace)\s+(?:or\s+\w+\s+)?into|update\s+(?!set\b)|delete\s+from)/i;

/**
 * Whether it has to be sent as one that writes. The server decides; a wrong guess costs a question or a refusal, and never a
 * write that nobody was asked about.
 */
export function writes(query: string): boolean {
  const words = query.replace(opaque, (part) => (part.startsWith("-") || part.startsWith("/") ? " " : " x "));
  return !reading.test(words) && changing.test(words);
}

/** Whether nothing is wrong with the statement but that it was not sent as one that writes. */
export function isNotAsked(error: ApiError): boolean {
  return error.fields.write?.code === "statement_writes";
}

/** What the engine says is wrong with a statement; null for what is not the statement's fault. */
export function problemOf(error: ApiError): string | null {
  if (error.fields.query) return error.fields.query.message;
  return error.status === 400 ? error.message.replace(/^.*Raw error:\s*/s, "") : null;
}
