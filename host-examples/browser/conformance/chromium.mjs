// The conformance host `browser`: requests from standard input go to the package in a page of a real Chromium.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { serve as listen } from "../static.mjs";
import { launch } from "../test/support.mjs";
import { serve } from "../../../wasm/js/conformance/serve.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "..", "..", "..", "target", "browser-conformance");
await build({
  root: here, configFile: false, base: "./", logLevel: "error", publicDir: false,
  build: { outDir: folder, emptyOutDir: true, target: "es2022", assetsInlineLimit: 0, rollupOptions: { input: join(here, "page.mjs"), output: { entryFileNames: "page.js" } } },
});
writeFileSync(join(folder, "index.html"), '<!doctype html><title>Conformance</title><script type="module" src="page.js"></script>\n');
const { server, address } = await listen(folder, 0);
const browser = await launch();
const page = await browser.newPage();
await page.goto(address);
await page.waitForFunction(() => globalThis.handle !== undefined);
await serve((request) => page.evaluate((request) => globalThis.handle(request), request));
await browser.close();
server.close();
