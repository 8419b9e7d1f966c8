// A small WebDriver client for the real window: WebKitWebDriver starts the app and drives its pages.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** The key under which WebDriver answers an element, from the specification. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** A port that is free as this is asked. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Asks until the answer is true, ten seconds long unless told otherwise. */
export async function until(what, ask, limitMs = 10_000) {
  const end = Date.now() + limitMs;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`${what}: not within ${limitMs} ms`, { cause: last });
    await pause(50);
  }
}

/** The app under test, started with arguments and changes of the environment. */
export class App {
  #driver;
  #base;
  #session;

  static async open(binary, args, env) {
    const app = new App();
    const port = await freePort();
    app.#driver = spawn("WebKitWebDriver", [`--port=${port}`], {
      env: {
        ...process.env,
        TAURI_AUTOMATION: "true",
        TAURI_WEBVIEW_AUTOMATION: "true",
        ...env,
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    app.#base = `http://127.0.0.1:${port}`;
    await until("the driver listens", () => app.#ask("GET", "/status"));
    const options = { "webkitgtk:browserOptions": { binary, args } };
    const made = await app.#ask("POST", "/session", {
      capabilities: { alwaysMatch: options },
    });
    app.#session = `/session/${made.sessionId}`;
    return app;
  }

  async #ask(method, path, body) {
    const response = await fetch(this.#base + path, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok)
      throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }

  #in(method, path, body) {
    return this.#ask(method, this.#session + path, body);
  }

  /** Runs a script in the page; a promise is waited for. */
  async run(script, ...args) {
    const wrapped = `const done = arguments[arguments.length - 1];
      const given = Array.prototype.slice.call(arguments, 0, -1);
      (async function () { ${script} }).apply(null, given)
        .then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await this.#in("POST", "/execute/async", {
      script: wrapped,
      args,
    });
    if (error !== undefined) throw new Error(error);
    return value;
  }

  /** Waits for the button, or another element, whose text or title is exactly this, and clicks it. */
  async clickButton(text, tag = "button") {
    const path = `//${tag}[normalize-space()="${text}" or @title="${text}"]`;
    const found = await until(`a ${tag} that says ${text}`, () =>
      this.#in("POST", "/element", { using: "xpath", value: path }),
    );
    await this.#in("POST", `/element/${found[ELEMENT]}/click`, {});
  }

  /** Clicks a link that closes its window, which leaves the driver without one to answer for. */
  async clickAway(text) {
    try {
      await this.clickButton(text, "a");
    } catch (error) {
      if (!/no such window/.test(error.message)) throw error;
    }
  }

  /** All the text of the page. */
  text() {
    return this.run("return document.body.innerText");
  }

  /** Drives another window of the app: the first whose title has `part` in it. */
  async toWindow(part) {
    await until(`a window titled ${part}`, async () => {
      for (const handle of await this.#in("GET", "/window/handles")) {
        await this.#in("POST", "/window", { handle });
        if ((await this.#in("GET", "/title")).includes(part)) return true;
      }
      return false;
    });
  }

  screenshot() {
    return this.#in("GET", "/screenshot");
  }

  /** Ends the app and its driver. */
  async end() {
    try {
      if (this.#session) await this.#in("DELETE", "");
    } catch {
      // The app may have ended by itself, which some tests ask of it.
    }
    this.#driver.kill();
    if (this.#driver.exitCode === null) await once(this.#driver, "exit");
  }
}
