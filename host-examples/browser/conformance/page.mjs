// The conformance host `browser`, inside the page.
import * as pointsman from "pointsman";
import { session } from "../../../wasm/js/conformance/session.mjs";

globalThis.handle = session(pointsman);
