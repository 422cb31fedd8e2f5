// Requests to the hosts that an admin granted. `world.wit` has to import `tinybase:plugin/http-client@0.1.0`.

import * as host from "tinybase:plugin/http-client@0.1.0";
import { ask } from "./host-error.js";
import { decode, encode } from "./utf8.js";

class Response {
  constructor({ status, headers, body }) {
    this.status = status;
    this.headers = headers;
    this.body = Uint8Array.from(body);
  }
  get ok() {
    return this.status >= 200 && this.status < 300;
  }
  header(name) {
    return this.headers.find(([known]) => known === name.toLowerCase())?.[1] ?? null;
  }
  text() {
    return decode(this.body);
  }
  json() {
    return JSON.parse(this.text());
  }
}

export const http = {
  send(url, { method = "GET", headers = {}, body = "", json, timeoutMs = 0 } = {}) {
    const all = json === undefined ? headers : { "content-type": "application/json", ...headers };
    const content = json === undefined ? body : JSON.stringify(json);
    const request = {
      method,
      url,
      headers: Object.entries(all).map(([name, value]) => [name, String(value)]),
      body: typeof content === "string" ? encode(content) : content,
      timeoutMs,
    };
    return new Response(ask(() => host.send(request)));
  },
};
