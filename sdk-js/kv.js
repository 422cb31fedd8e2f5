// A small store of the plugin's own. `world.wit` has to import `tinybase:plugin/kv@0.1.0`.

import * as host from "tinybase:plugin/kv@0.1.0";
import { ask } from "./host-error.js";
import { decode, encode } from "./utf8.js";

export const kv = {
  get(key) {
    const value = ask(() => host.get(key));
    return value == null ? null : JSON.parse(decode(value));
  },
  getText(key) {
    const value = ask(() => host.get(key));
    return value == null ? null : decode(value);
  },
  setText(key, value, { ttlMs = 0 } = {}) {
    ask(() => host.set(key, encode(value), ttlMs));
  },
  set(key, value, { ttlMs = 0 } = {}) {
    ask(() => host.set(key, encode(JSON.stringify(value)), ttlMs));
  },
  increment(key, delta = 1) {
    return Number(ask(() => host.increment(key, delta)));
  },
  delete(key) {
    ask(() => host.delete(key));
  },
};
