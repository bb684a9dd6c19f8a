// The conformance host `js`: the npm package in Node.js.
import * as pointsman from "../../../target/wasm/npm/node.mjs";
import { serve } from "./serve.mjs";
import { session } from "./session.mjs";

await serve(session(pointsman));
