/** Who asks: what Cloudflare knows of a client, as facts and as chance. */
import { type Client, type Continent, PointsmanError, type Query, type View } from "pointsman";

/** The query of a request. Facts that the rules refuse, which Cloudflare may learn before they do, are left out. */
export async function queryOf(request: Request, name: string, view: View): Promise<Query> {
  const query = { name, type: "A" as const, draw: await draw(request) };
  const client: Record<string, unknown> = { ...facts(request) };
  for (;;) {
    try {
      view.resolve({ ...query, client });
      return { ...query, client };
    } catch (error) {
      const field = error instanceof PointsmanError ? error.field : undefined;
      const fact = /^query\.client\.(\w+)$/.exec(field ?? "")?.[1];
      if (fact === undefined || !(fact in client)) throw error;
      delete client[fact];
      if (fact === "latitude") delete client.longitude;
    }
  }
}

/** What is known of the client. */
function facts(request: Request): Client {
  const cf = (request.cf ?? {}) as Partial<Record<string, unknown>>;
  const text = (key: string): string | undefined => typeof cf[key] === "string" && cf[key] !== "" ? cf[key] : undefined;
  const [country, continent, regionCode] = [text("country"), text("continent"), text("regionCode")];
  const [latitude, longitude] = [Number(text("latitude") ?? NaN), Number(text("longitude") ?? NaN)];
  const ip = request.headers.get("cf-connecting-ip");
  return {
    ...(ip ? { ip } : {}),
    // T1 is Tor, XX is nobody knows.
    ...(country === undefined || country === "T1" || country === "XX" ? {} : { country }),
    ...(continent === undefined ? {} : { continent: continent as Continent }),
    ...(country === "US" && regionCode !== undefined ? { subdivision: `US-${regionCode}` } : {}),
    ...(Number.isNaN(latitude + longitude) ? {} : { latitude, longitude }),
  };
}

/** A client's draw stays the same, so that a canary does not flicker; of a client that nobody knows it is by chance. */
async function draw(request: Request): Promise<bigint> {
  const who = request.headers.get("cf-connecting-ip");
  if (!who) return crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(who));
  return new DataView(hash).getBigUint64(0);
}
