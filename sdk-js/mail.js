// Mails to whom an admin granted it. `world.wit` has to import `tinybase:plugin/mail@0.1.0`.

import * as host from "tinybase:plugin/mail@0.1.0";
import { ask } from "./host-error.js";

export const mail = {
  send({ to, subject, text, html = null }) {
    ask(() => host.send({ to: typeof to === "string" ? [to] : to, subject, text, html }));
  },
};
