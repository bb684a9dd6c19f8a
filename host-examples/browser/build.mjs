// Writes the page to target/playground, as files that any static server can serve.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
process.chdir(here);
await import("./data.mjs");
execFileSync(process.execPath, [join(here, "node_modules", "typescript", "bin", "tsc"), "--project", here], { stdio: "inherit" });
await build({ logLevel: "warn" });
console.error("    target/playground/index.html");
