const raw = /(^|[\s(,])-?(\d*\.)?\d+(px|rem|ms|s)\b/;

export default {
  overrides: [{ files: ["**/*.svelte"], customSyntax: "postcss-html" }],
  rules: {
    "block-no-empty": true,
    "color-named": "never",
    "color-no-hex": true,
    "custom-property-pattern":
      "^(palette|color|space|radius|border|text|font|motion|size|layer|shadow|line|weight|local)-[a-z0-9-]+$",
    "declaration-block-no-duplicate-properties": true,
    "declaration-no-important": true,
    "declaration-property-value-disallowed-list": {
      "/^(?!--).*/": [raw],
      "z-index": [/\d/],
    },
    "function-disallowed-list": ["rgb", "rgba", "hsl", "hsla", "oklch", "lab", "lch", "light-dark"],
    "property-no-unknown": true,
    "selector-max-id": 0,
  },
  ignoreFiles: ["src/design/tokens.css", "dist/**"],
};
