/** Answers as the map colours them: one colour an answer, kept as long as a zone is looked at. */
import type { Answer, Odds, Outcome } from "pointsman";
import type { Kind, Shares } from "./protocol.js";

/** How many colours the style sheet has. */
const COLOURS = 10;

interface Known {
  readonly key: string;
  readonly label: string;
  readonly colour: number;
  path: string;
}

/** What answers have in common when they are the same answer. */
function keyOf(rcode: string, values: readonly string[], resource: string | undefined): string {
  if (resource !== undefined) return resource;
  if (values.length > 0) return [...values].sort().join(", ");
  return rcode === "NOERROR" ? "no data" : rcode;
}

export const keyOfAnswer = (answer: Answer): string => keyOf(answer.rcode, answer.values, answer.alias_target);

function keyOfOutcome(rcode: string, outcome: Outcome): string {
  if (outcome.members !== undefined) return `any ${outcome.choose} of ${outcome.members.length} values`;
  return keyOf(rcode, outcome.values, outcome.alias_target);
}

/** The answers that were seen, by key. */
export class Colours {
  readonly #known = new Map<string, number>();
  readonly #list: Known[] = [];
  #coloured = 0;

  /** The number of an answer's kind. */
  of(key: string): number {
    let kind = this.#known.get(key);
    if (kind === undefined) {
      const hasNone = key === "no data" || key === "NXDOMAIN" || key === "REFUSED" || key === "SERVFAIL";
      kind = this.#list.push({ key, label: key, colour: hasNone ? -1 : this.#coloured++ % COLOURS, path: "" }) - 1;
      this.#known.set(key, kind);
    }
    return kind;
  }

  ofAnswer(answer: Answer): number {
    const kind = this.of(keyOfAnswer(answer));
    const known = this.#list[kind];
    if (known !== undefined && answer.set_identifiers.length > 0) known.path = answer.set_identifiers.join(" › ");
    return kind;
  }

  ofOdds({ rcode, outcomes }: Odds): number[] {
    return outcomes.map((outcome) => this.of(keyOfOutcome(rcode, outcome)));
  }

  shares(odds: Odds): Shares {
    const kinds = this.ofOdds(odds);
    const sums = new Map<number, number>();
    odds.outcomes.forEach(({ probability }, at) => {
      const kind = kinds[at] ?? 0;
      sums.set(kind, (sums.get(kind) ?? 0) + probability);
    });
    return [...sums].sort((a, b) => b[1] - a[1]);
  }

  /** Forgets by which ways answers were reached: health has changed. */
  forgetWays(): void {
    for (const known of this.#list) known.path = "";
  }

  /** Whether no way to an answer was seen yet. */
  isWayless(kind: number): boolean {
    return this.#list[kind]?.path === "";
  }

  colour(kind: number): number {
    return this.#list[kind]?.colour ?? -1;
  }

  /** What the legend says about the kinds in use. */
  kinds(counts: ReadonlyMap<number, number>): Kind[] {
    return this.#list.map(({ key, label, colour, path }, kind) => ({ key, label, colour, path, countries: counts.get(kind) ?? 0 }));
  }
}
