// pointsman/decide: zones from images, in a module that does nothing else.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { example, packageFolder, pointsman, www, zoneFile } from "./support.mjs";

const decide = await import("../../../target/wasm/npm/decide.mjs");
const documents = [zoneFile("hybrid.json"), zoneFile("latency.json")];
const image = pointsman.Zone.load([example()]).toImage();
const drawn = pointsman.Zone.load([example()]).health().resolve(www());
const folder = mkdtempSync(join(tmpdir(), "pointsman-decide-"));
after(() => rmSync(folder, { recursive: true }));

test("an image gives the answers of its documents", () => {
  const full = pointsman.Zone.load(documents), small = decide.Zone.fromImage(full.toImage());
  const [one, other] = [full.health(), small.health()];
  for (const { name, type } of full.questions()) {
    for (const country of ["US", "DE", "SG", undefined]) {
      for (const draw of [0, 2 ** 53 - 1, "12345678901234567890"]) {
        const query = { name: name.replace("*", "any"), type, client: { country }, draw };
        assert.equal(JSON.stringify(other.resolve(query)), JSON.stringify(one.resolve(query)));
      }
    }
  }
});

test("equal zones give equal images", () => {
  assert.deepEqual(pointsman.Zone.load([JSON.stringify(example())]).toImage(), image);
});

test("health, updated, down and without", () => {
  const zone = decide.Zone.fromImage(image);
  const view = zone.health({ HealthChecks: { "hc-blue": "unhealthy", "hc-red": "healthy" } });
  assert.deepEqual(view.unknown, ["hc-red"]);
  assert.deepEqual(view.resolve(www()).set_identifiers, ["green"]);
  const swapped = view.updated('{"HealthChecks": {"hc-blue": "healthy", "hc-green": "unhealthy"}}');
  assert.deepEqual(swapped.resolve(www()).set_identifiers, ["blue"]);
  assert.deepEqual(view.resolve(www()).set_identifiers, ["green"], "a view never changes");
  for (const [one, other] of [["blue", "green"], ["green", "blue"]]) {
    assert.deepEqual(zone.health().down([`hc-${one}`]).resolve(www()).set_identifiers, [other]);
    assert.deepEqual(zone.health().without([`www.example.com/A/${one}`]).resolve(www()).set_identifiers, [other]);
  }
  assert.deepEqual(zone.health().resolve(www()), drawn);
  assert.equal(zone.health().resolve(www()), zone.health().resolve(www()), "equal answers of a zone are one object");
});

test("what the full package has is named", () => {
  const view = decide.Zone.fromImage(image).health();
  for (const ask of [() => decide.Zone.load([example()]), () => view.odds(www()), () => view.explain(www()),
    () => view.updated({ HealthChecks: { "hc-blue": { HealthCheckObservations: [] } } })]) {
    assert.throws(ask, (error) => error instanceof decide.PointsmanError && error.code === "only-decides" && /pointsman"/.test(error.help));
  }
});

test("what is wrong is refused with its kind", () => {
  const refused = (code, ask) => assert.throws(ask, (error) => error instanceof decide.PointsmanError && error.code === code, code);
  const zone = decide.Zone.fromImage(image), view = zone.health();
  for (const bytes of [new Uint8Array(0), new Uint8Array(200), image.slice(0, -8), Uint8Array.from(image, (byte, at) => at === 99 ? byte ^ 4 : byte)]) {
    refused("invalid-image", () => decide.Zone.fromImage(bytes));
  }
  for (const report of ["{", "[]", { HealthChecks: { "hc-blue": "down" } }, { ResourceRecordSets: [] }, { AliasTargets: { a: "insufficient" } }]) {
    refused("invalid-report", () => zone.health(report));
  }
  for (const more of [{ name: "a..b" }, { name: "a".repeat(64) }, { name: "\\400.example.com" }, { name: "ü.example.com" }, { type: "AXFR" }, { draw: -1 },
    { draw: 1.5 }, { draw: "1e3" }, { client: { country: "Germany" } }, { client: { country: "de" } }, { client: { ip: "1.2.3" } }, { client: { ip: "::1::" } },
    { client: { ecs: "192.0.2.0" } }, { client: { ecs: "192.0.2.0/33" } }, { client: { latitude: 1 } }, { client: { latitude: 91, longitude: 0 } },
    { client: { latency_ms: { "us-north-9": 1 } } }, { client: { subdivision: "USWA" } }, { client: { contry: "US" } }, { names: "a" }]) {
    refused("invalid-query", () => view.resolve(www(more)));
  }
  refused("nothing-to-take-down", () => view.down(["hc-red"]));
  refused("nothing-to-take-down", () => view.without(["hc-blue"]));
  zone.free();
  assert.deepEqual(view.resolve(www()), drawn, "a view outlives its zone");
  view.free();
  refused("freed", () => view.resolve(www()));
  refused("freed", () => zone.health());
});

test("addresses are read as core reads them", () => {
  const full = pointsman.Zone.load([example()]).health(), small = decide.Zone.fromImage(image).health();
  for (const ip of ["192.0.2.1", "::", "::1", "2001:db8::", "2001:DB8:0:0:1::1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "01.2.3.4", "1.2.3.4.5", "1::2::3", "12345::",
    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "::1.2.3.4", "1.2.3.4::", "", " 1.2.3.4"]) {
    const accepts = (view) => {
      try {
        view.resolve(www({ client: { ip } }));
        return true;
      } catch {
        return false;
      }
    };
    assert.equal(accepts(small), accepts(full), ip);
  }
});

test("a thousand zones and views do not make the memory grow without end", () => {
  const once = () => {
    const zone = decide.Zone.fromImage(image), view = zone.health({ HealthChecks: { "hc-blue": "unhealthy" } });
    view.resolve(www());
    view.free();
    zone.free();
  };
  for (let round = 0; round < 20; round += 1) once();
  const before = decide.memoryBytes();
  for (let round = 0; round < 1000; round += 1) once();
  assert.equal(decide.memoryBytes(), before);
});

test("require gives the same", () => {
  const required = createRequire(import.meta.url)(join(packageFolder, "decide.cjs"));
  assert.deepEqual(required.Zone.fromImage(image).health().resolve(www()), drawn);
});

test("bundles for browsers and for workers", async () => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(packageFolder, join(folder, "node_modules", "pointsman"));
  writeFileSync(join(folder, "image.pmz"), image);
  writeFileSync(join(folder, "app.js"), 'export { Zone } from "pointsman/decide";\n');
  writeFileSync(join(folder, "manual.js"), 'import wasm from "pointsman/pointsman_decide.wasm";\nimport { init } from "pointsman/decide/manual";\nawait init(wasm);\nexport { Zone } from "pointsman/decide/manual";\n');
  const outfile = join(folder, "manual", "app.mjs");
  await build({ entryPoints: [join(folder, "manual.js")], bundle: true, format: "esm", target: "es2022", outfile, loader: { ".wasm": "binary" }, logLevel: "error" });
  const { Zone } = await import(pathToFileURL(outfile).href);
  assert.deepEqual(Zone.fromImage(image).health().resolve(www()), drawn);
  for (const condition of ["workerd", "browser"]) {
    const bundle = join(folder, condition, "app.mjs");
    await build({ entryPoints: [join(folder, "app.js")], bundle: true, format: "esm", target: "es2022", outfile: bundle, conditions: [condition],
      external: ["./pointsman_decide.wasm"], logLevel: "error" });
    copyFileSync(join(packageFolder, "pointsman_decide.wasm"), join(folder, condition, "pointsman_decide.wasm"));
    assert.match(readFileSync(bundle, "utf8"), /pointsman_decide\.wasm/);
  }
});

test("module and script keep to their budgets", () => {
  const gzip = (name) => gzipSync(readFileSync(join(packageFolder, name)), { level: 9 }).length;
  assert.ok(gzip("pointsman_decide.wasm") <= 40_000, `${gzip("pointsman_decide.wasm")} bytes`);
  assert.ok(gzip("decide-browser.js") <= 10_000, `${gzip("decide-browser.js")} bytes`);
});

test("there is nothing of documents or reasons in the module", () => {
  const module = readFileSync(join(packageFolder, "pointsman_decide.wasm"), "latin1");
  for (const word of ["ResourceRecordSets", "HealthCheckObservations", "weighted-ttl-differs", "lowest latency", "serde"]) {
    assert.ok(!module.includes(word), word);
  }
  assert.ok(readFileSync(join(packageFolder, "pointsman.wasm"), "latin1").includes("ResourceRecordSets"));
});

test("a fresh process answers", () => {
  writeFileSync(join(folder, "zone.pmz"), image);
  const script = `import { readFileSync } from "node:fs"; import { Zone } from ${JSON.stringify(pathToFileURL(join(packageFolder, "decide.mjs")).href)};
    console.log(Zone.fromImage(readFileSync(${JSON.stringify(join(folder, "zone.pmz"))})).health().resolve({ name: "www.example.com", type: "A" }).values[0]);`;
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" }), `${drawn.values[0]}\n`);
});
