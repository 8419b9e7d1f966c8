// The real window: WebKit, the tray and the node behind it, on a virtual display.
//
// Run by `cargo xtask test`, or with a display and a session bus:
//   COVEY_DESKTOP=target/debug/covey-desktop xvfb-run dbus-run-session -- node --test window.test.mjs

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { Desktop, start } from "./support/desktop.mjs";
import { until } from "./support/webdriver.mjs";

describe("the window", () => {
  let desktop;
  beforeEach(async () => {
    desktop = await Desktop.make();
  });
  afterEach(() => desktop.end());

  test("shows the live node, and a click in it starts an agent", async () => {
    const app = await desktop.open({ LANG: "C.UTF-8", LC_ALL: "" });
    const { name } = await desktop.call("status.get");

    await until("the panel names its node", async () =>
      (await app.text()).includes(name),
    );
    await app.clickButton("Agents", "a");
    await app.clickButton("Start the first one");
    await app.clickButton("Start echo");

    const agent = await until("the agent runs", async () =>
      (await desktop.call("agents.list")).find(
        (agent) => agent.id === "echo" && agent.phase === "running",
      ),
    );
    assert.equal(agent.wanted, true);
    await until("the panel shows it", async () =>
      (await app.text()).includes("Running"),
    );
    assert.equal(await app.run("return navigator.language"), "en-US");
  });

  test("comes back when its page dies, and the agents never stop", async () => {
    const app = await desktop.open();
    await until("the panel is there", async () =>
      (await app.text()).includes("Overview"),
    );
    await desktop.call("agent.start", {
      spec: { name: "counter", runtime: { kind: "builtin", agent: "counter" } },
    });
    const counted = () =>
      desktop.call("agent.call", {
        name: "counter",
        method: "add",
        params: { by: 1 },
      });
    await until("the agent answers", counted);
    const [before] = desktop.pages();

    process.kill(before, "SIGKILL");

    const { value } = await counted();
    await until("another page", () =>
      desktop.pages().some((pid) => pid !== before),
    );
    assert.equal((await counted()).value, value + 1);
  });

  test("closed on a desktop without a tray, asks before it quits", async () => {
    const app = await desktop.open();
    await until("the panel is there", async () =>
      (await app.text()).includes("Overview"),
    );

    desktop.close();

    await app.toWindow("Quit");
    assert.match(await app.text(), /no tray that Covey could stay in/);
    await desktop.call("status.get");
    await app.clickAway("Quit Covey");
    await until("the node says goodbye", () => desktop.isGone());
  });

  test("closed on a desktop with a tray, hides, explains itself once, and comes back", async () => {
    await desktop.showTray();
    const app = await desktop.open();
    await until("the panel is there", async () =>
      (await app.text()).includes("Overview"),
    );
    assert.equal(desktop.windows(), 1);

    desktop.close();

    await until("the window hides", () => desktop.windows() === 0);
    await app.toWindow("tray");
    await app.clickAway("Understood");
    await desktop.call("status.get");

    const second = await desktop.startAgain();

    assert.equal(second.code, 0);
    await until("the window comes back", () => desktop.windows() === 1);
    desktop.close();
    await until("the window hides", () => desktop.windows() === 0);
    await desktop.call("status.get");
  });

  test("says so when another Covey uses the data folder", async () => {
    await desktop.open();

    const other = await desktop.openAnother({
      DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent",
    });

    await other.toWindow("running already");
    assert.match(await other.text(), /Another Covey uses this data folder/);
    await desktop.call("status.get");
  });

  test("says so when the settings cannot be used", async () => {
    desktop.writeSettings('nmae = "wren"\n');

    const app = await desktop.openAnother({});

    await app.toWindow("settings cannot be used");
    assert.match(await app.text(), /nmae/);
  });
});

describe("without a display", () => {
  let desktop;
  beforeEach(async () => {
    desktop = await Desktop.make();
  });
  afterEach(() => desktop.end());

  test("the app names the headless node, and fails", async () => {
    const ended = await start(["--profile", "none"], {
      DISPLAY: "",
      WAYLAND_DISPLAY: "",
    });

    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /covey node/);
  });

  test("--headless runs the node and prints the address of its panel", async () => {
    const panel = await desktop.openHeadless();

    assert.match(panel, /^http:\/\/127\.0\.0\.1:\d+\/#token=[0-9a-f]{64}$/);
    await desktop.call("status.get");
  });
});
