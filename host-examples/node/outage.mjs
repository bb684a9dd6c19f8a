// A Region goes down: `node outage.mjs [FOLDER OF ZONES]`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Zone } from "pointsman";

const folder = process.argv[2] ?? fileURLToPath(new URL("../zones/", import.meta.url));
const read = (name) => ({ name, text: readFileSync(`${folder}/${name}`, "utf8") });

const zone = Zone.load([read("active-active.json"), read("latency.json")]);
const well = zone.health(read("all-healthy.json"));
const ill = well.down(["us-east-1"]);

for (const [when, view] of [["before", well], ["us-east-1 is down", ill]]) {
  const answers = ["US", "BR", "DE", "SG"].map((country) => {
    const { values } = view.resolve({ name: "app.example.com", type: "A", client: { country } });
    return `${country} ${values.join(", ")}`;
  });
  console.log(`${when.padEnd(20)}${answers.join("   ")}`);
}
console.log(`\n${ill.explain({ name: "app.example.com", type: "A", client: { country: "US" } }).text}`);
