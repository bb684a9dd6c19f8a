// `node build.mjs GLUE FOLDER`: what wasm-bindgen made in GLUE, and the TypeScript here, as the npm package in FOLDER.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const GZIP_BUDGET = 100_000;
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const [glue, folder] = process.argv.slice(2);
if (glue === undefined || folder === undefined) throw new Error("usage: node build.mjs GLUE FOLDER");

const next = `${folder}.next`;
rmSync(next, { recursive: true, force: true });
mkdirSync(next, { recursive: true });

// The glue beside the sources, where they import it from; git does not see it.
rmSync(join(here, "glue"), { recursive: true, force: true });
cpSync(glue, join(here, "glue"), { recursive: true });
cpSync(join(glue, "glue_bg.wasm"), join(next, "pointsman.wasm"));

const field = (name) => new RegExp(`^${name} = "([^"]+)"`, "m").exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];
const version = field("version");
const common = {
  absWorkingDir: here, bundle: true, charset: "utf8", external: ["./pointsman.wasm", "./pointsman_decide.wasm"], legalComments: "none",
  logLevel: "warning", target: "es2022", define: { VERSION: JSON.stringify(version) },
};
// Node.js prints the line that throws; there it has to be one that can be read.
const small = { minifySyntax: true, minifyWhitespace: true };
const entry = (name) => [join("ts", "entry", `${name}.ts`)];
await build({ ...common, entryPoints: entry("node"), outfile: join(next, "node.cjs"), format: "cjs", platform: "node" });
await build({ ...common, entryPoints: entry("node-esm"), outfile: join(next, "node.mjs"), format: "esm", platform: "node" });
await build({ ...common, entryPoints: entry("bundle"), outfile: join(next, "bundle.js"), format: "esm", platform: "node" });
await build({ ...common, ...small, entryPoints: entry("browser"), outfile: join(next, "browser.js"), format: "esm" });
await build({ ...common, ...small, entryPoints: entry("workerd"), outfile: join(next, "workerd.js"), format: "esm" });
await build({ ...common, ...small, entryPoints: entry("manual"), outfile: join(next, "manual.js"), format: "esm" });
// What only decides: the plain module without its front end, driven by TypeScript of its own.
cpSync(join(folder, "..", "pointsman_decide.wasm"), join(next, "pointsman_decide.wasm"));
const decideEntry = (name) => [join("ts", "decide", "entry", `${name}.ts`)];
await build({ ...common, entryPoints: decideEntry("node"), outfile: join(next, "decide.cjs"), format: "cjs", platform: "node" });
await build({ ...common, entryPoints: decideEntry("node-esm"), outfile: join(next, "decide.mjs"), format: "esm", platform: "node" });
for (const name of ["browser", "workerd", "manual"]) {
  await build({ ...common, ...small, entryPoints: decideEntry(name), outfile: join(next, `decide-${name}.js`), format: "esm" });
}

// The analyses: modules of their own, which only who asks for them loads.
const analyses = { ...common, external: ["./pointsman_verify.wasm", "./pointsman_import.wasm"] };
await build({ ...analyses, entryPoints: entry("verify-node"), outfile: join(next, "verify-node.mjs"), format: "esm", platform: "node" });
await build({ ...analyses, entryPoints: entry("verify-worker-node"), outfile: join(next, "verify-worker-node.mjs"), format: "esm", platform: "node" });
await build({ ...analyses, ...small, entryPoints: entry("verify-browser"), outfile: join(next, "verify.js"), format: "esm" });
await build({ ...analyses, ...small, entryPoints: entry("verify-worker"), outfile: join(next, "verify-worker.js"), format: "esm" });
for (const module of ["pointsman_verify.wasm", "pointsman_import.wasm"]) cpSync(join(folder, "..", module), join(next, module));

const out = join(here, "types-out");
rmSync(out, { recursive: true, force: true });
execFileSync(process.execPath, [join(here, "node_modules", "typescript", "bin", "tsc"), "--project", here], { stdio: "inherit" });
for (const internal of ["instance.d.ts", "query.d.ts", "arguments.d.ts", "documents.d.ts", "answer.d.ts"]) {
  // instance.d.ts describes one thing that users see.
  if (internal === "instance.d.ts") writeFileSync(join(out, internal), "/** Bytes of the module's memory; it never shrinks. */\nexport declare function memoryBytes(): number;\n");
  else rmSync(join(out, internal), { force: true });
}
for (const internal of ["index.d.ts", "module.d.ts", "requests.d.ts"]) rmSync(join(out, "verify", internal), { force: true });
for (const name of ["node", "node-esm", "once", "bundle", "browser", "workerd", "verify-node", "verify-worker-node", "verify-worker"]) rmSync(join(out, "entry", `${name}.d.ts`), { force: true });
for (const name of ["node", "node-esm", "browser", "workerd"]) rmSync(join(out, "decide", "entry", `${name}.d.ts`), { force: true });
for (const internal of ["query", "statuses"]) rmSync(join(out, "decide", `${internal}.d.ts`), { force: true });
writeFileSync(join(out, "decide", "instance.d.ts"), "/** Bytes of the module's memory; it never shrinks. */\nexport declare function memoryBytes(): number;\n");
cpSync(out, join(next, "types"), { recursive: true });
rmSync(out, { recursive: true });
// The types are those of CommonJS, and the .d.mts beside them those of ESM; everything else is what its name says.
writeFileSync(join(next, "types", "package.json"), '{ "type": "commonjs" }\n');
writeFileSync(join(next, "types", "index.d.mts"), 'export * from "./index.js";\n');
for (const name of ["manual", "verify-browser"]) writeFileSync(join(next, "types", "entry", `${name}.d.mts`), `export * from "./${name}.js";\n`);
writeFileSync(join(next, "types", "decide", "index.d.mts"), 'export * from "./index.js";\n');
writeFileSync(join(next, "types", "decide", "entry", "manual.d.mts"), 'export * from "./manual.js";\n');

const manifest = JSON.parse(readFileSync(join(here, "package", "package.json"), "utf8"));
writeFileSync(join(next, "package.json"), `${JSON.stringify({ ...manifest, version, repository: { type: "git", url: `git+${field("repository")}.git` } }, null, 2)}\n`);
if (existsSync(join(here, "package", "README.md"))) cpSync(join(here, "package", "README.md"), join(next, "README.md"));
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) cpSync(join(root, licence), join(next, licence));

// Replaced in place rather than as a folder: examples link to it.
mkdirSync(folder, { recursive: true });
for (const old of readdirSync(folder)) rmSync(join(folder, old), { recursive: true });
for (const made of readdirSync(next)) renameSync(join(next, made), join(folder, made));
rmSync(next, { recursive: true });

const gzip = (name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;
const number = (bytes) => bytes.toLocaleString("en-US");
const wasm = gzip("pointsman.wasm");
const verdict = wasm > GZIP_BUDGET ? "over its budget of" : "budget";
console.error(`    pointsman.wasm: ${number(statSync(join(folder, "pointsman.wasm")).size)} bytes raw, ${number(wasm)} gzip (${verdict} ${number(GZIP_BUDGET)})`);
console.error(`    browser.js: ${number(statSync(join(folder, "browser.js")).size)} bytes raw, ${number(gzip("browser.js"))} gzip`);
const decideGzip = gzip("pointsman_decide.wasm"), decideScript = gzip("decide-browser.js");
console.error(`    decide: pointsman_decide.wasm ${number(decideGzip)} gzip (budget 40,000), decide-browser.js ${number(decideScript)} gzip (budget 10,000)`);
