// Compiles pages.scss and puts the design tokens that it uses in front of it.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../../src/mynabox/web/static/pages.css");
const notice = `/*!
 * Components: govuk-frontend, Copyright (c) 2011 Crown Copyright (Government
 * Digital Service), MIT licence. Colours: design tokens, Copyright (c) 2023
 * Digital Agency of Japan, MIT licence. Built by tools/css; do not edit.
 */
`;

const { css } = sass.compile(join(here, "pages.scss"), {
  loadPaths: [join(here, "node_modules")],
  style: "compressed",
  quietDeps: true,
});

const tokens = readFileSync(
  join(here, "node_modules/@digital-go-jp/design-tokens/dist/tokens-simple.css"),
  "utf8",
);
const values = new Map(
  [...tokens.matchAll(/(--color-[a-z0-9-]+):\s*([^;]+);/g)].map((m) => [m[1], m[2]]),
);
const used = [...new Set([...css.matchAll(/var\((--color-[a-z0-9-]+)\)/g)].map((m) => m[1]))];
const missing = used.filter((name) => !values.has(name));
if (missing.length > 0) {
  throw new Error(`no such design tokens: ${missing.join(", ")}`);
}
for (const unwanted of ["GDS Transport", "@font-face", "crest", "url("]) {
  if (css.includes(unwanted)) {
    throw new Error(`the style sheet would ship ${unwanted}`);
  }
}
const palette = used.sort().map((name) => `${name}:${values.get(name)}`).join(";");
writeFileSync(target, `${notice}:root{${palette}}${css.replace("\uFEFF", "")}\n`);
