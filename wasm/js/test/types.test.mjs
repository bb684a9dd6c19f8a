import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { packageFolder } from "./support.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

for (const [module, moduleResolution, files] of [
  ["nodenext", "nodenext", ["use.mts", "use.cts", "sdk.mts"]],
  ["esnext", "bundler", ["use.mts", "sdk.mts"]],
]) {
  test(`types, as ${moduleResolution} finds them`, () => {
    const folder = mkdtempSync(join(tmpdir(), "pointsman-types-"));
    try {
      mkdirSync(join(folder, "node_modules"));
      symlinkSync(packageFolder, join(folder, "node_modules", "pointsman"));
      symlinkSync(here("../node_modules/@aws-sdk"), join(folder, "node_modules", "@aws-sdk"));
      cpSync(here("types"), folder, { recursive: true });
      const tsc = here("../node_modules/typescript/bin/tsc");
      const options = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--target", "es2022", "--lib", "es2022,dom",
        "--types", "", "--skipLibCheck", "--module", module, "--moduleResolution", moduleResolution];
      execFileSync(process.execPath, [tsc, ...options, ...files], { cwd: folder, encoding: "utf8" });
    } catch (error) {
      assert.fail(`${error.stdout ?? error}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
