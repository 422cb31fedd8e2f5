// Messages to those who are subscribed to a topic. `world.wit` has to import `tinybase:plugin/realtime@0.1.0`.

import * as host from "tinybase:plugin/realtime@0.1.0";
import { ask } from "./host-error.js";

export const realtime = {
  publish(topic, message) {
    ask(() => host.publish(topic, JSON.stringify(message)));
  },
};
