import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

import svelteConfig from "./svelte.config.js";

/** Forbids imports whose path matches one of `patterns`. */
const never = (message, ...patterns) => ({
  "no-restricted-imports": ["error", { patterns: [{ group: patterns, message }] }],
});

const features = [
  "agents",
  "conflicts",
  "doctor",
  "events",
  "frame",
  "map",
  "nodes",
  "pairing",
  "palette",
  "rebalance",
  "timeline",
  "vitals",
];

export default ts.config(
  { ignores: ["dist", "node_modules", "src/lib/ipc/bindings.ts"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        projectService: { allowDefaultProject: ["*.js", "public/*.js"] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: [".svelte"],
      },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: true },
      ],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      "svelte/no-unused-props": "error",
      "svelte/no-at-html-tags": "error",
      // Sets and maps here live within one function, or are replaced as a whole.
      "svelte/prefer-svelte-reactivity": "off",
      // The routes are fragments of one page, made by lib/state/route.
      "svelte/no-navigation-without-resolve": "off",
      // This parser does not infer the types of snippet parameters; svelte-check does and is strict.
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      // `void value` names what an effect depends on.
      "@typescript-eslint/no-meaningless-void-operator": "off",
    },
  },
  {
    files: ["**/*.test.ts"],
    // A test that reads what is not there fails, which is what it is for.
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  { files: ["*.js", "public/*.js"], ...ts.configs.disableTypeChecked },
  {
    files: ["src/design/**"],
    rules: never("The design knows no domain.", "$features/*", "$pages/*", "$lib/*", "**/lib/**"),
  },
  ...features.map((name) => ({
    files: [`src/features/${name}/**`],
    rules: never(
      "A feature uses the design and lib; what joins two features is a page.",
      ...features.filter((other) => other !== name).map((other) => `$features/${other}/*`),
      "$pages/*",
      "../*",
      "$lib/ipc/backend",
      "$lib/ipc/client",
      "$lib/ipc/web",
      "$lib/ipc/tauri",
    ),
  })),
  {
    files: ["src/pages/**"],
    rules: never("A page reads lib/state, never the back end.", "$lib/ipc/*", "$pages/*"),
  },
  {
    files: ["src/lib/state/**", "src/lib/format/**", "src/lib/ipc/**"],
    rules: never("State knows no component.", "$features/*", "$pages/*", "$design/*"),
  },
  {
    files: ["src/lib/ipc/**"],
    rules: never(
      "The door to the back end is below everything.",
      "$features/*",
      "$pages/*",
      "$design/*",
      "$lib/state/*",
    ),
  },
  {
    files: ["src/**"],
    ignores: ["src/lib/ipc/tauri.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportDeclaration[source.value=/^@tauri-apps/]",
          message: "Only lib/ipc/tauri.ts knows the desktop shell.",
        },
      ],
    },
  },
);
