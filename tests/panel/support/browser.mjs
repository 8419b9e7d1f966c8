// The browser under test, and what every page must keep to.

import { chromium } from "playwright-core";

export const SIZES = {
  desk: { width: 1280, height: 800 },
  tablet: { width: 800, height: 600 },
  phone: { width: 360, height: 740 },
};

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

const feeds = new WeakMap();

/** What a page was told: subscriptions without an answer, and patches by topic. */
export function feedOf(page) {
  return feeds.get(page);
}

function listen(page) {
  const feed = { unanswered: new Set(), patches: new Map() };
  feeds.set(page, feed);
  page.on("websocket", (socket) => {
    feed.unanswered.clear();
    socket.on("framesent", ({ payload }) => {
      const { subscribe, unsubscribe } = JSON.parse(String(payload));
      if (subscribe) feed.unanswered.add(subscribe.id);
      else feed.unanswered.delete(unsubscribe);
    });
    socket.on("framereceived", ({ payload }) => {
      const { kind, id, topic } = JSON.parse(String(payload));
      feed.unanswered.delete(id);
      if (kind === "patch")
        feed.patches.set(topic, (feed.patches.get(topic) ?? 0) + 1);
    });
  });
}

/** Opens `url` and collects what must not be there: faults in the console, requests to elsewhere. */
export async function open(
  browser,
  url,
  { size = "desk", theme = "light", ...more } = {},
) {
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: theme,
    bypassCSP: false,
    ...more,
  });
  const page = await context.newPage();
  const faults = [];
  listen(page);
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    const { hostname } = new URL(request.url());
    if (hostname !== "127.0.0.1")
      faults.push(`foreign request: ${request.url()}`);
  });
  await page.goto(url);
  await page.locator("nav").waitFor();
  await page.locator("main h1").first().waitFor({ state: "attached" });
  return { page, faults, close: () => context.close() };
}
