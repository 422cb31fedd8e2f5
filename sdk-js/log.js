// The plugin's own log. `world.wit` has to import `tinybase:plugin/log@0.1.0`.

import { log as host } from "tinybase:plugin/log@0.1.0";

const write =
  (level) =>
  (message, fields = {}) =>
    host(level, String(message), Object.entries(fields).map(([name, value]) => [name, String(value)]));

export const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
