/** A bucket in memory: as much of S3 as the server asks of one, and no check of who asks. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface Bucket {
  url: string;
  /** By their keys. */
  objects: Map<string, Buffer>;
  /** Refuses what has this method from now on; nothing for everything is allowed. */
  refuse: (method: string | null) => void;
  /** How long each write takes. */
  slow: (ms: number) => void;
  stop: () => Promise<void>;
}

export async function startBucket(): Promise<Bucket> {
  const objects = new Map<string, Buffer>();
  let refused: string | null = null;
  let pauseMs = 0;
  const server = createServer((request, response) => {
    void answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET" } = request;
    const url = new URL(request.url ?? "/", "http://bucket.test");
    const key = decodeURIComponent(url.pathname.split("/").slice(2).join("/"));
    const content = await body(request);
    if (method === refused) return fail(response, 403, "AccessDenied");
    if (method === "PUT") {
      await new Promise((done) => setTimeout(done, pauseMs));
      objects.set(key, content);
      response.writeHead(200, { ETag: '"1"' }).end();
    } else if (method === "DELETE") {
      objects.delete(key);
      response.writeHead(204).end();
    } else if (key === "") {
      response.writeHead(200, { "Content-Type": "application/xml" }).end(listing(url.searchParams));
    } else {
      send(request, response, objects.get(key));
    }
  }

  function listing(query: URLSearchParams): string {
    const prefix = query.get("prefix") ?? "";
    const found = [...objects].filter(([key]) => key.startsWith(prefix)).sort();
    const entries = found.map(
      ([key, { length }]) =>
        `<Contents><Key>${key}</Key><LastModified>2026-11-22T10:00:00.000Z</LastModified>` +
        `<ETag>"1"</ETag><Size>${length}</Size></Contents>`,
    );
    return (
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>` +
      `<KeyCount>${found.length}</KeyCount>${entries.join("")}</ListBucketResult>`
    );
  }

  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const bound = server.address();
  const port = typeof bound === "object" && bound ? bound.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    refuse: (method) => {
      refused = method;
    },
    slow: (ms) => {
      pauseMs = ms;
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function fail(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { "Content-Type": "application/xml" })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function send({ method, headers }: IncomingMessage, response: ServerResponse, object?: Buffer): void {
  if (!object) {
    fail(response, 404, "NoSuchKey");
    return;
  }
  const about = { ETag: '"1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT" };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
  if (from === undefined) {
    response.writeHead(200, { ...about, "Content-Length": object.length });
    response.end(method === "HEAD" ? undefined : object);
    return;
  }
  const end = Math.min(object.length, to ? Number(to) + 1 : object.length);
  const part = object.subarray(Number(from), end);
  const range = `bytes ${from}-${end - 1}/${object.length}`;
  response.writeHead(206, { ...about, "Content-Range": range, "Content-Length": part.length }).end(part);
}
