import { createInterface } from "node:readline";

/** Serves requests, one line of JSON each, on the standard streams of Node.js. */
export async function serve(handle) {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await handle(JSON.parse(line)))}\n`);
  }
}
