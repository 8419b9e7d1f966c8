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
