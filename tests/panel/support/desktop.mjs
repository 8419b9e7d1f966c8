// A desktop session for one test: an own home, the app in it, and what is around the app.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { App, until } from "./webdriver.mjs";

const BINARY = resolve(
  process.env.COVEY_DESKTOP ?? "target/debug/covey-desktop",
);
const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
/** The system's own, which sees the system's packages. */
const PYTHON = "/usr/bin/python3";

/** Nothing is sent to any network: the node neither asks around nor listens beyond loopback. */
const SETTINGS = `name = "wren"\nmdns = false\nsame_machine = false\nlisten = ["127.0.0.1"]\n`;

/** Runs the app to its end. */
export async function start(args, env) {
  const child = spawn(BINARY, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  const [code] = await once(child, "close");
  return { code, stderr };
}

export class Desktop {
  #home = mkdtempSync(join(tmpdir(), "covey-window-"));
  #profile = `test-${process.pid}`;
  #apps = [];
  #children = [];

  static async make() {
    const desktop = new Desktop();
    for (const folder of ["data", "config", "cache", "run"]) {
      mkdirSync(join(desktop.#home, folder), { mode: 0o700 });
    }
    desktop.writeSettings(SETTINGS);
    return desktop;
  }

  get #folder() {
    return join(this.#home, "data/covey", this.#profile);
  }

  get #env() {
    return {
      XDG_DATA_HOME: join(this.#home, "data"),
      XDG_CONFIG_HOME: join(this.#home, "config"),
      XDG_CACHE_HOME: join(this.#home, "cache"),
      XDG_RUNTIME_DIR: join(this.#home, "run"),
      GDK_BACKEND: "x11",
    };
  }

  get #args() {
    return ["--profile", this.#profile];
  }

  writeSettings(text) {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.#folder, "covey.toml"), text);
  }

  /** Opens the app and waits for its panel. */
  async open(env = {}) {
    const app = await this.openAnother(env);
    await until("the node answers", () => this.call("status.get"));
    await app.toWindow("");
    return app;
  }

  /** Starts the app as a person does, with no driver around it. */
  launch(env = {}) {
    const child = spawn(BINARY, this.#args, {
      env: { ...process.env, ...this.#env, ...env },
      stdio: ["ignore", "ignore", "inherit"],
    });
    this.#children.push(child);
  }

  /** Opens the app, whatever it shows. */
  async openAnother(env) {
    const app = await App.open(BINARY, this.#args, { ...this.#env, ...env });
    this.#apps.push(app);
    return app;
  }

  /** Starts the app a second time and waits for the end of that process. */
  startAgain() {
    return start(this.#args, this.#env);
  }

  /** Starts the app without a window; the address it prints. */
  async openHeadless() {
    const child = spawn(BINARY, [...this.#args, "--headless"], {
      env: { ...process.env, ...this.#env, DISPLAY: "", WAYLAND_DISPLAY: "" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#children.push(child);
    let text = "";
    child.stdout.on("data", (part) => (text += part));
    return until("the address", () => /^panel: (\S+)\n/m.exec(text)?.[1]);
  }

  /** Starts a tray for applications' icons. */
  async showTray() {
    const tray = spawn(PYTHON, [beside("tray_host.py")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#children.push(tray);
    let text = "";
    tray.stdout.on("data", (part) => (text += part));
    await until("the tray", () => text.includes("ready"));
  }

  /** What the command line reads to find the node. */
  #endpoint() {
    return JSON.parse(readFileSync(join(this.#folder, "control.json"), "utf8"));
  }

  /** Asks the node itself, past the window. */
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

  /** Whether the node has taken its address back. */
  isGone() {
    try {
      this.#endpoint();
      return false;
    } catch {
      return true;
    }
  }

  /** The processes that show the app's pages. */
  pages() {
    const { pid } = this.#endpoint();
    return children(pid).filter((child) =>
      commandOf(child).includes("WebKitWebProcess"),
    );
  }

  /** Memory of the app and the processes of its pages, in MiB: of what is shared, their share. */
  proportionalMib() {
    const { pid } = this.#endpoint();
    const kib = [pid, ...children(pid)].map((each) => {
      const rollup = readFileSync(`/proc/${each}/smaps_rollup`, "utf8");
      return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)[1]);
    });
    return kib.reduce((sum, each) => sum + each) / 1024;
  }

  /** How many panels are on screen. */
  windows() {
    return Number(this.#x11("count"));
  }

  /** Presses the close button of the panel's window. */
  close() {
    this.#x11("close");
  }

  #x11(what) {
    const name = `Covey: ${this.#profile}`;
    return execFileSync(PYTHON, [beside("x11_window.py"), what, name], {
      encoding: "utf8",
    });
  }

  async end() {
    // The driver would end the app without a goodbye.
    if (!this.isGone()) process.kill(this.#endpoint().pid);
    await until("the node has ended", () => this.isGone());
    for (const app of this.#apps) await app.end();
    for (const child of this.#children) {
      child.kill();
      if (child.exitCode === null && child.signalCode === null)
        await once(child, "exit");
    }
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** The processes whose parent is `pid`, and theirs. */
function children(pid) {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)]);
  const direct = parents
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child);
  return direct.flatMap((child) => [child, ...children(child)]);
}

function parentOf(pid) {
  try {
    // The name is in parentheses and may hold spaces; the state and the parent follow.
    return Number(
      /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1],
    );
  } catch {
    return 0;
  }
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
