/** The search parameters of the pages before signing in. */

export interface LoginSearch {
  /** Where to go after signing in: a path of the dashboard. */
  redirect?: string;
  /** A session has just ended, so the page says why it is here. */
  expired?: "yes";
}

export function loginSearch(search: Record<string, unknown>): LoginSearch {
  const { redirect, expired } = search;
  return {
    ...(typeof redirect === "string" && isOwnPath(redirect) && { redirect }),
    ...(expired === "yes" && { expired }),
  };
}

/** A path within the dashboard. `//host` and `/\host` are addresses of other sites to a browser. */
function isOwnPath(target: string): boolean {
  return /^\/(?![/\\])/.test(target);
}

export interface SetupSearch {
  token?: string;
}

export function setupSearch({ token }: Record<string, unknown>): SetupSearch {
  return typeof token === "string" ? { token } : {};
}
