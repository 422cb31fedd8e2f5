// What the host refuses, as an error that has its code.

export class HostError extends Error {
  constructor({ code, message }) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** Calls a function of the host; `componentize-qjs` throws what is wrong, in a wrapper or as it is. */
export function ask(call) {
  try {
    return call();
  } catch (error) {
    const refusal = error?.payload ?? error;
    if (refusal && typeof refusal === "object" && "code" in refusal && "message" in refusal) {
      throw new HostError(refusal);
    }
    throw error;
  }
}
