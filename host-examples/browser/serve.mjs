// Serves target/playground until it is interrupted.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "./static.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "target", "playground");
const { address } = await serve(folder, 8553).catch(() => serve(folder, 0));
console.log(`The playground is at ${address} (stop it with Ctrl-C)`);
