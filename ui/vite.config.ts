import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: {
      $lib: source("lib"),
      $design: source("design"),
      $features: source("features"),
      $pages: source("pages"),
    },
  },
  build: {
    // WebKitGTK 2.50 and the macOS web views of the last two years.
    target: ["safari17.5", "chrome123"],
    // A data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  test: { include: ["src/**/*.test.ts"] },
});
