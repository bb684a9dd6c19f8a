/**
 * An edge worker that routes each request to an origin by Route 53's rules.
 *
 * Who asks is what Cloudflare knows of the client, health comes from KV or from the feed of `pointsman watch`, and when an
 * origin fails the request goes to the next choice. Headers say what was decided and why.
 */
import zone from "../../zones/active-active.json";
import latency from "../../zones/latency.json";
import { worker } from "./route.js";

export default worker([zone, latency]);
