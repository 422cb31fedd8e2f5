// Bytes that nobody can foresee. `world.wit` has to import `tinybase:plugin/random@0.1.0`.

import * as host from "tinybase:plugin/random@0.1.0";
import { ask } from "./host-error.js";

export const random = {
  bytes(length) {
    return Uint8Array.from(ask(() => host.bytes(length)));
  },
};
