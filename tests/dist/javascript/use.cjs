const { readFileSync } = require("node:fs");
const { Zone } = require("pointsman");

const zone = Zone.load([readFileSync("zone.json", "utf8")]);
console.log(zone.health(readFileSync("report.json", "utf8")).resolve({ name: "www.example.com", type: "A" }).values.join(" "));
