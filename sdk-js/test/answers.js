// The other side of `wire.js`, as `host/src/plugins/wrap/text.c` has it, for tests.

/** A context as a text. */
export function circumstances({ tenant, collection, requestId, caller, nowMs, depth, config }) {
  return JSON.stringify([tenant, collection, requestId, caller.kind, caller.id, caller.collection, nowMs, depth, config]);
}

/** Fields of an answer, `[letter, ..]`. */
export function read(answer) {
  let at = 1;
  const number = () => {
    const end = answer.indexOf(",", at);
    const found = Number(answer.slice(at, end));
    at = end + 1;
    return found;
  };
  const text = () => {
    const length = number();
    at += length;
    return answer.slice(at - length, at);
  };
  const list = (item) => Array.from({ length: number() }, item);
  const kinds = {
    z: () => null,
    b: () => number() === 1,
    t: text,
    j: () => ({ json: text() }),
    l: () => list(text),
    i: () => BigInt.asIntN(64, BigInt(number()) | (BigInt(number()) << 32n)),
    n: () => new Float64Array(Uint32Array.of(number(), number()).buffer)[0],
  };
  const mistakes = () => list(() => [text(), text(), text()]);
  const parts = {
    U: () => undefined,
    F: () => Object.fromEntries(list(() => [text(), kinds[answer[at++]]()])),
    I: mistakes,
    E: mistakes,
    D: () => [number(), text()],
    S: text,
  };
  const found = parts[answer[0]]();
  if (at !== answer.length) throw new Error(`${answer.length - at} characters too many: ${answer}`);
  return [answer[0], found];
}
