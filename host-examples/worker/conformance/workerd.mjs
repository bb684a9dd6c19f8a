// The conformance host `worker`: requests from standard input go to the real workerd over HTTP.
import { join } from "node:path";
import { bundle } from "../build.mjs";
import { here, workerd } from "../test/support.mjs";
import { serve } from "../../../wasm/js/conformance/serve.mjs";

await bundle(join(here, "conformance", "worker.mjs"), join(here, "conformance", "dist", "worker.js"));
const { address, stop } = await workerd(join(here, "conformance", "workerd.capnp"));
await serve(async (request) => (await fetch(address, { method: "POST", body: JSON.stringify(request) })).json());
await stop();
