// The tenant's records, within what an admin granted. `world.wit` has to import `tinybase:plugin/records@0.1.0`.

import * as host from "tinybase:plugin/records@0.1.0";
import { fromFields, toFields } from "./fields.js";
import { HostError, ask } from "./host-error.js";

export const records = {
  get(collection, id) {
    return fromFields(ask(() => host.get(collection, id)));
  },
  find(collection, filter = "", { sort = "", limit = 100 } = {}) {
    return ask(() => host.find(collection, filter, sort, limit)).map(fromFields);
  },
  first(collection, filter = "", options = {}) {
    return records.find(collection, filter, { ...options, limit: 1 })[0] ?? null;
  },
  count(collection, filter = "") {
    return Number(ask(() => host.count(collection, filter)));
  },
  create(collection, draft) {
    return ask(() => host.create(collection, toFields(draft)));
  },
  update(collection, id, changes) {
    ask(() => host.update(collection, id, toFields(changes)));
  },
  delete(collection, id) {
    ask(() => host.delete(collection, id));
  },
};

/** A text as a literal of the rule language. */
export function quote(text) {
  return `'${String(text).replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

export { HostError };
