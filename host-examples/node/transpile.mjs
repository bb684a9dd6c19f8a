// The component as JavaScript, by jco: dist/component/pointsman.js and the core module beside it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transpileBytes } from "@bytecodealliance/jco-transpile";

const here = dirname(fileURLToPath(import.meta.url));
const component = join(here, "..", "..", "target", "wasm", "pointsman.component.wasm");

const { files } = await transpileBytes(readFileSync(component), { name: "pointsman", noTypescript: false });
for (const [name, bytes] of Object.entries(files)) {
  const file = join(here, "dist", "component", name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}
