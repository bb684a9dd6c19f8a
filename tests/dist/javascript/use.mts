import { readFileSync } from "node:fs";
import { Zone, type Answer } from "pointsman";

const zone: Zone = Zone.load([readFileSync("zone.json", "utf8")]);
const answer: Answer = zone.health(readFileSync("report.json", "utf8")).resolve({ name: "www.example.com", type: "A" });
console.log(answer.values.join(" "));
