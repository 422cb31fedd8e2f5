// The files of records. `world.wit` has to import `tinybase:plugin/files@0.1.0`.

import * as host from "tinybase:plugin/files@0.1.0";
import { ask } from "./host-error.js";
import { decode, encode } from "./utf8.js";

export const files = {
  read(collection, id, name) {
    return Uint8Array.from(ask(() => host.read(collection, id, name)));
  },
  readText(collection, id, name) {
    return decode(files.read(collection, id, name));
  },
  write(collection, id, field, name, content) {
    ask(() => host.write(collection, id, field, name, typeof content === "string" ? encode(content) : content));
  },
};
