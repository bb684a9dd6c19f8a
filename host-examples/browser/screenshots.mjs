// Takes the pictures of the README anew: docs/playground.jpg and docs/playground-dark.jpg.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { example, flip, ready, start } from "./test/support.mjs";

const docs = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs");
const site = await start();

const light = await site.open({ width: 1360, height: 1120 });
await flip(light, "region:eu-west-1");
await light.mouse.move(5, 5);
await light.screenshot({ path: join(docs, "playground.jpg"), type: "jpeg", quality: 72 });

const dark = await site.open({ width: 1360, height: 1120, colorScheme: "dark" });
await example(dark, "Geoproximity");
for (const [set, steps] of [["sa-east-1", 35], ["ap-southeast-1", -30]]) {
  await dark.focus(`[data-set="${set}"]`);
  for (let step = 0; step < Math.abs(steps); step += 1) await dark.keyboard.press(steps > 0 ? "ArrowRight" : "ArrowLeft");
}
await dark.waitForTimeout(500);
await ready(dark);
await dark.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
await dark.mouse.move(5, 5);
await dark.screenshot({ path: join(docs, "playground-dark.jpg"), type: "jpeg", quality: 72 });
await site.stop();
