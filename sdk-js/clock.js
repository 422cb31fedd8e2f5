// The time of day. `world.wit` has to import `tinybase:plugin/clock@0.1.0`.

import * as host from "tinybase:plugin/clock@0.1.0";
import { ask } from "./host-error.js";

export const clock = {
  nowMs() {
    return Number(ask(() => host.nowMs()));
  },
};
