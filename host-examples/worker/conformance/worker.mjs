// The conformance host `worker`, inside workerd: a request is a POST, a reply its answer.
import * as pointsman from "pointsman";
import { session } from "../../../wasm/js/conformance/session.mjs";

const handle = session(pointsman);

export default {
  async fetch(request) {
    return Response.json(handle(await request.json()));
  },
};
