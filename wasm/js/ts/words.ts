/** The words that queries are made of: lists, and guards for what comes from elsewhere. */
import { guarded } from "./instance.js";
import { isWord } from "./query.js";
import type { Continent, RecordType } from "./types.js";

/** Every record type that Route 53 knows. */
export const RECORD_TYPES: readonly RecordType[] = Object.freeze<RecordType[]>([
  "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT",
]);

/** Every continent as Route 53 abbreviates it. */
export const CONTINENTS: readonly Continent[] = Object.freeze<Continent[]>(["AF", "AN", "AS", "EU", "NA", "OC", "SA"]);

/** Whether it is a record type, in upper case as in {@link RECORD_TYPES}. */
export function isRecordType(word: unknown): word is RecordType {
  return RECORD_TYPES.includes(word as RecordType);
}

/** Whether it is a continent, as in {@link CONTINENTS}. */
export function isContinent(word: unknown): word is Continent {
  return CONTINENTS.includes(word as Continent);
}

/**
 * Whether a query takes it as `client.country`: a code of Route 53's table, or one that ISO 3166-1 assigns to a country that
 * the table lacks. `UK`, `ZZ`, Cloudflare's `T1` and `XX`, and lower case are none.
 */
export function isCountry(word: unknown): word is string {
  return typeof word === "string" && word.length === 2 && isWord("country", word);
}

/** Whether a query takes it as `client.subdivision`, such as `US-WA`. */
export function isSubdivision(word: unknown): word is string {
  return typeof word === "string" && word.length <= 6 && isWord("subdivision", word);
}

/** The countries of Route 53's table, each with its continent there. */
export function countries(): { readonly code: string; readonly continent: Continent }[] {
  return guarded("the list of countries", (engine) => {
    const words = engine.countries();
    return Array.from({ length: words.length / 2 }, (_, index) => ({
      code: words[index * 2]!,
      continent: words[index * 2 + 1] as Continent,
    }));
  });
}
