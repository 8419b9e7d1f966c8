// Serves the built panel and speaks the control protocol on loopback, for a made-up world.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { WebSocketServer } from "ws";

import { Refused } from "./refused.mjs";

const DIST = join(dirname(fileURLToPath(import.meta.url)), "../../../ui/dist");
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const FRAME_MS = 100;

export async function serve(world, { port = 0, token = "test-token" } = {}) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (url.pathname.startsWith("/api/command/"))
      void command(request, response, url.pathname.slice(13));
    else file(response, url.pathname);
  });

  async function command(request, response, name) {
    const answer = (status, body) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${token}`) {
      return answer(401, {
        error: {
          code: "unauthorized",
          what: "The request was turned away.",
          why: "",
          next: "",
        },
      });
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    try {
      return answer(200, world.call(name, text === "" ? {} : JSON.parse(text)));
    } catch (error) {
      if (error instanceof Refused) return answer(409, { error: error.body });
      throw error;
    }
  }

  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has("covey") ? "covey" : false),
  });
  server.on("upgrade", (request, socket, head) => {
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(
      /,\s*/,
    );
    if (!offered.includes(token)) {
      socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => attend(ws));
  });

  function attend(ws) {
    const readers = new Map();
    const push = (reader) => {
      const now = world.rows(reader.topic, reader.params);
      const told = now.map((row) => [row, reader.known.get(row.id)]);
      const rows = told.flatMap(([row, known]) => changed(row, known));
      const ids = new Set(now.map((row) => row.id));
      const grows = reader.topic === "events" || reader.topic === "logs";
      // A row that lost a field is told of whole, as one that went and came.
      const shrunk = new Set(
        told
          .filter(([row, known]) => lostField(row, known))
          .map(([{ id }]) => id),
      );
      const removed = grows
        ? []
        : [...reader.known.keys()].filter(
            (id) => !ids.has(id) || shrunk.has(id),
          );
      if (reader.seq > 0 && rows.length === 0 && removed.length === 0) return;
      reader.known = new Map(now.map((row) => [row.id, fieldsOf(row)]));
      reader.seq += 1;
      const kind = reader.seq === 1 ? "snapshot" : "patch";
      ws.send(
        JSON.stringify({
          kind,
          id: reader.id,
          topic: reader.topic,
          seq: reader.seq,
          at: Date.now(),
          rows,
          removed,
        }),
      );
    };
    let due;
    const tell = () => {
      due ??= setTimeout(() => {
        due = undefined;
        for (const reader of readers.values()) push(reader);
      }, FRAME_MS);
    };
    world.listeners.add(tell);
    ws.on("close", () => world.listeners.delete(tell));
    ws.on("message", (data) => {
      const message = JSON.parse(String(data));
      if (message.subscribe) {
        const { id, topic, params } = message.subscribe;
        const reader = { id, topic, params, seq: 0, known: new Map() };
        readers.set(id, reader);
        push(reader);
      } else readers.delete(message.unsubscribe);
    });
  }

  function file(response, path) {
    const wanted = join(DIST, normalize(path === "/" ? "/index.html" : path));
    if (
      !wanted.startsWith(DIST) ||
      !existsSync(wanted) ||
      !statSync(wanted).isFile()
    ) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": TYPES[extname(wanted)] ?? "application/octet-stream",
      "content-security-policy": "default-src 'self'",
    });
    createReadStream(wanted).pipe(response);
  }

  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    url: `${origin}/#token=${token}`,
    /** Drops every panel, as a node that is killed does. */
    drop() {
      for (const ws of sockets.clients) ws.terminate();
    },
    async close() {
      for (const ws of sockets.clients) ws.terminate();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** The fields of a row as JSON, which says whether one of them changed. */
function fieldsOf(row) {
  return new Map(
    Object.entries(row)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, JSON.stringify(value)]),
  );
}

function lostField(row, known) {
  return [...(known?.keys() ?? [])].some((field) => row[field] === undefined);
}

/** What a reader must be told of a row: all of it, its `id` and what changed, or nothing. */
function changed(row, known) {
  if (known === undefined || lostField(row, known)) return [row];
  const news = [...fieldsOf(row)].filter(
    ([field, text]) => known.get(field) !== text,
  );
  if (news.length === 0) return [];
  return [
    {
      id: row.id,
      ...Object.fromEntries(news.map(([field]) => [field, row[field]])),
    },
  ];
}
