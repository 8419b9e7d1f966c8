// A real cluster: `covey node` processes on loopback that find each other on this machine.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import WebSocket from "ws";

import { until } from "./webdriver.mjs";

const ROOT = new URL("../../../", import.meta.url).pathname;
const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target");
const BINARY = process.env.COVEY_BIN ?? join(TARGET, "debug/covey");

/** How long a node may take to start, or one to be found, on a busy machine. */
const START_MS = 30_000;
/** Lines of its log that a failed test shows. */
const LOG_LINES = 40;

/** Milliseconds since 1970 with a fraction, as a page of the same machine tells them too. */
export function clock() {
  return performance.timeOrigin + performance.now();
}

/** Nodes that share a folder, so that they find each other and nobody else. */
export class Cluster {
  #home = mkdtempSync(join(tmpdir(), "covey-panel-"));
  #nodes = [];
  #env;

  /** `env` is told each node besides. */
  constructor(env = {}) {
    this.#env = env;
    mkdirSync(this.runtime, { mode: 0o700 });
  }

  get runtime() {
    return join(this.#home, "run");
  }

  /** Starts a node, with more of its own arguments, that runs whatever any member starts. */
  async start(name, ...more) {
    const env = { ...this.#env, XDG_RUNTIME_DIR: this.runtime };
    const node = new RealNode(name, join(this.#home, name), env, more);
    this.#nodes.push(node);
    await node.start();
    return node;
  }

  /** What each node wrote last, for a test that failed. */
  logs() {
    return this.#nodes
      .map((node) => `--- ${node.name}\n${node.log(LOG_LINES)}`)
      .join("\n");
  }

  async end() {
    await Promise.all(this.#nodes.map((node) => node.kill()));
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** A node as a process with a folder of its own. */
class RealNode {
  #folder;
  #env;
  #more;
  #child;
  #sockets = [];

  constructor(name, folder, env, more) {
    this.name = name;
    this.#folder = folder;
    this.#env = env;
    this.#more = more;
    mkdirSync(folder, { mode: 0o700 });
  }

  get #logPath() {
    return `${this.#folder}.log`;
  }

  #run(args, stdio) {
    const env = { ...process.env, ...this.#env };
    return spawn(BINARY, ["--data", this.#folder, ...args], { env, stdio });
  }

  /** Starts the process and waits for its door. */
  async start() {
    const log = openSync(this.#logPath, "a");
    const args = [
      "--no-mdns",
      "--listen",
      "127.0.0.1",
      "--programs",
      "cluster",
    ];
    const ports = [
      "--lobby-port",
      "0",
      "--fabric-port",
      "0",
      "--control-port",
      "0",
    ];
    const stdio = ["ignore", log, log];
    this.#child = this.#run(
      ["node", "--name", this.name, ...args, ...ports, ...this.#more],
      stdio,
    );
    closeSync(log);
    const { pid } = this.#child;
    const opened = async () => {
      // A process that was killed leaves its address behind.
      if (this.#endpoint().pid !== pid) return false;
      const { id } = (await this.call("nodes.list")).find((node) => node.this);
      this.id = id;
      return true;
    };
    await until(`${this.name} opens its door`, opened, START_MS);
  }

  #endpoint() {
    return JSON.parse(readFileSync(join(this.#folder, "control.json"), "utf8"));
  }

  /** The address of its panel, with the token. */
  get panel() {
    const { url, token } = this.#endpoint();
    return `${url}/#token=${token}`;
  }

  log(lines) {
    return readFileSync(this.#logPath, "utf8")
      .split("\n")
      .slice(-lines)
      .join("\n");
  }

  /** Carries out a command through its door. */
  async call(command, args = {}) {
    const { url, token } = this.#endpoint();
    const response = await fetch(`${url}/api/command/${command}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(args),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${command}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Runs the command line against it, to its end. */
  async covey(...args) {
    const child = this.#run(args, ["ignore", "pipe", "pipe"]);
    let [out, errors] = ["", ""];
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (errors += text));
    const [code] = await once(child, "close");
    if (code !== 0)
      throw new Error(`covey ${args.join(" ")}: ${code}: ${errors}`);
    return out;
  }

  /**
   * Notes each event as the node tells it; what it gives waits for the first that `fits`, from now
   * on, and says when the node knew: by its own stamp, and by its push.
   */
  async watchEvents() {
    const { url, token } = this.#endpoint();
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/subscribe`, [
      "covey",
      token,
    ]);
    this.#sockets.push(socket);
    const heard = [];
    socket.on("message", (data) => {
      const told = clock();
      const frame = JSON.parse(String(data));
      // The snapshot is of before.
      if (frame.kind === "patch")
        heard.push(...frame.rows.map((event) => ({ event, told })));
    });
    await once(socket, "open");
    socket.send(
      JSON.stringify({ subscribe: { id: 1, topic: "events", params: {} } }),
    );
    await once(socket, "message");
    return (what, fits) =>
      until(what, () => heard.find(({ event }) => fits(event)), START_MS);
  }

  /** Ends the process as a power cut would. */
  async kill() {
    for (const socket of this.#sockets) socket.terminate();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}
