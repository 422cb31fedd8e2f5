// What an admin keeps for the plugin without showing it. `world.wit` has to import `tinybase:plugin/secrets@0.1.0`.

import * as host from "tinybase:plugin/secrets@0.1.0";
import { ask } from "./host-error.js";
import { encode } from "./utf8.js";

const hmac = (name, message) =>
  Uint8Array.from(ask(() => host.hmacSha256(name, typeof message === "string" ? encode(message) : message)));

export const secrets = {
  placeholder(name) {
    return ask(() => host.placeholder(name));
  },
  hmacSha256: hmac,
  sign(name, message) {
    return [...hmac(name, message)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  },
};
