/** What came back, whatever its status. */
export interface Response {
  status: number;
  /** Names in small letters; a name may be there several times. */
  headers: [string, string][];
  body: Uint8Array;
  /** A status from 200 to 299. */
  ok: boolean;
  /** The first header of that name. */
  header(name: string): string | null;
  text(): string;
  json(): any;
}

/** Requests to the hosts that an admin granted. `world.wit` has to import `tinybase:plugin/http-client@0.1.0`. */
export const http: {
  /** Sends a request once. Redirects are answers like others; placeholders of secrets are filled in by the host. */
  send(
    url: string,
    options?: {
      method?: string;
      headers?: { [name: string]: string };
      body?: string | Uint8Array;
      /** A body of JSON, with the header that says so. */
      json?: unknown;
      /** What the call itself may last is the most in any case. */
      timeoutMs?: number;
    },
  ): Response;
};
