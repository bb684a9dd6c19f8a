// The same two decisions in every contender's own language, made from one description.
//
// A tree is: by country, else by continent, else the default; there a primary while it is healthy, else the secondary. A
// primary is an endpoint, or two endpoints by weight. An endpoint is healthy if its check is.

/** Three Regions by continent, each standing in for the others: eight endpoints in twelve record sets. */
export const geo = {
  title: "geography and health, 12 record sets",
  branches: [
    ["continent", "NA", { primary: [["us-a", 1]], secondary: "eu-b" }],
    ["continent", "EU", { primary: [["eu-a", 1]], secondary: "us-b" }],
    ["continent", "AS", { primary: [["ap-a", 1]], secondary: "us-c" }],
    ["default", "*", { primary: [["us-d", 1]], secondary: "eu-c" }],
  ],
};

/** Ten places, each with a stable and a canary endpoint and one that stands by. */
export const tree = {
  title: "tree of 50 record sets",
  branches: [
    ...["IN", "BR", "JP", "DE", "CA"].map((code) => ["country", code, branch(code)]),
    ...["NA", "EU", "AS", "SA"].map((code) => ["continent", code, branch(code)]),
    ["default", "*", branch("any")],
  ],
};

function branch(code) {
  return { primary: [[`${code}-stable`, 90], [`${code}-canary`, 10]], secondary: `${code}-standby` };
}

export const endpointsOf = ({ branches }) => branches.flatMap(([, , { primary, secondary }]) => [...primary.map(([name]) => name), secondary]);

const CONTINENTS = { IN: "AS", BR: "SA", JP: "AS", DE: "EU", CA: "NA", US: "NA", FR: "EU", SG: "AS", ZA: "AF", AU: "OC", MX: "NA" };

/** Questions with health, the same for all contenders; `draw` is 0 to 99. */
export function situations(rules, count) {
  let state = 7;
  const random = (below) => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return Math.floor((state / 0x1_0000_0000) * below); };
  const countries = Object.keys(CONTINENTS), endpoints = endpointsOf(rules);
  const healths = Array.from({ length: 4 }, (_, which) => Object.fromEntries(endpoints.map((name) => [name, which === 0 || random(10) > 1])));
  return {
    healths,
    questions: Array.from({ length: count }, () => {
      const country = countries[random(countries.length)];
      return { country, continent: CONTINENTS[country], draw: random(100), health: random(healths.length) };
    }),
  };
}

/** What all must agree with: the place's endpoint, `stable` and `canary` taken as one while both are healthy. */
export function expected({ branches }, { country, continent }, health) {
  const found = branches.find(([kind, code]) => kind === "default" || code === { country, continent }[kind]);
  const { primary, secondary } = found[2];
  const healthy = primary.map(([name]) => name).filter((name) => health[name]);
  if (healthy.length > 0) return healthy;
  // Nothing healthy: the primary, whichever of its endpoints.
  return health[secondary] ? [secondary] : primary.map(([name]) => name);
}

// ---- each contender's rules ------------------------------------------------------------------------------------------------

/** Route 53's documents. */
export function route53({ branches }) {
  const zone = "Z0BENCHEXAMPLE", records = [], checks = [];
  const alias = (Name, SetIdentifier, target, more) => records.push({
    Name, Type: "A", SetIdentifier, ...more, AliasTarget: { HostedZoneId: zone, DNSName: target, EvaluateTargetHealth: true },
  });
  const leaf = (Name, SetIdentifier, more) => {
    checks.push({ Id: SetIdentifier, HealthCheckConfig: { Type: "TCP", IPAddress: "8.8.8.8", Port: 443 } });
    records.push({ Name, Type: "A", SetIdentifier, ...more, HealthCheckId: SetIdentifier, TTL: 60, ResourceRecords: [{ Value: addressOf(SetIdentifier) }] });
  };
  for (const [kind, code, { primary, secondary }] of branches) {
    const GeoLocation = kind === "continent" ? { ContinentCode: code } : { CountryCode: code };
    const name = `${code === "*" ? "any" : code}.app.example.com.`.toLowerCase();
    alias("app.example.com.", code === "*" ? "default" : code, name, { GeoLocation });
    if (primary.length === 1) leaf(name, primary[0][0], { Failover: "PRIMARY" });
    else {
      alias(name, `${code}-primary`, `active.${name}`, { Failover: "PRIMARY" });
      for (const [endpoint, Weight] of primary) leaf(`active.${name}`, endpoint, { Weight });
    }
    leaf(name, secondary, { Failover: "SECONDARY" });
  }
  return { HostedZone: { Id: `/hostedzone/${zone}`, Name: "example.com." }, ResourceRecordSets: records, HealthChecks: checks };
}

const addresses = new Map();
/** An endpoint's address; names come back from it. */
export function addressOf(name) {
  if (!addresses.has(name)) addresses.set(name, `192.0.2.${addresses.size + 1}`);
  return addresses.get(name);
}
export const nameOf = (address) => [...addresses].find(([, value]) => value === address)?.[0];

/** A choice as a nest of conditions, in any language that has one. */
function nest({ branches }, { when, healthy, below, both }) {
  const pick = ({ primary, secondary }) => {
    const [[first, weight], second] = primary;
    const fallen = (other) => when(healthy(secondary), secondary, other);
    if (second === undefined) return when(healthy(first), first, fallen(first));
    return when(both(healthy(first), healthy(second[0])), { split: [below(weight), first, second[0]] },
      when(healthy(first), first, when(healthy(second[0]), second[0], when(healthy(secondary), secondary, { split: [below(weight), first, second[0]] }))));
  };
  return branches.reduceRight((rest, [kind, code, group]) => (kind === "default" ? pick(group) : when({ [kind]: code }, pick(group), rest)), undefined);
}

const flat = (condition, render) => ("continent" in condition ? render.equal("continent", condition.continent) : "country" in condition ? render.equal("country", condition.country) : condition.text);

function rendered(rules, render) {
  const value = (one) => (typeof one === "string" ? render.text(one) : one?.split === undefined ? one.value : render.when(one.split[0].text, render.text(one.split[1]), render.text(one.split[2])));
  return nest(rules, {
    when: (condition, yes, no) => ({ value: render.when(flat(condition, render), value(yes), value(no)) }),
    healthy: (name) => ({ text: render.healthy(name) }),
    below: (weight) => ({ text: render.below(weight) }),
    both: (a, b) => ({ text: render.both(a.text, b.text) }),
  }).value;
}

/** JSON Logic. */
export const jsonLogic = (rules) => rendered(rules, {
  when: (condition, yes, no) => ({ if: [condition, yes, no] }),
  text: (name) => name,
  equal: (fact, code) => ({ "==": [{ var: fact }, code] }),
  healthy: (name) => ({ var: `health.${name}` }),
  below: (weight) => ({ "<": [{ var: "draw" }, weight] }),
  both: (a, b) => ({ and: [a, b] }),
});

/** CEL. */
export const cel = (rules) => rendered(rules, {
  when: (condition, yes, no) => `(${condition} ? ${yes} : ${no})`,
  text: (name) => `"${name}"`,
  equal: (fact, code) => `${fact} == "${code}"`,
  healthy: (name) => `health["${name}"]`,
  below: (weight) => `draw < ${weight}.0`,
  both: (a, b) => `${a} && ${b}`,
});

/** JavaScript, compiled once. */
export const javascript = (rules) => new Function("country", "continent", "health", "draw", `return ${rendered(rules, {
  when: (condition, yes, no) => `(${condition} ? ${yes} : ${no})`,
  text: (name) => `"${name}"`,
  equal: (fact, code) => `${fact} === "${code}"`,
  healthy: (name) => `health["${name}"]`,
  below: (weight) => `draw < ${weight}`,
  both: (a, b) => `(${a} && ${b})`,
})}`);

/** Cedar: one permit for each endpoint; who asks goes through a branch's endpoints until one is permitted. */
export function cedar({ branches }) {
  const policies = [], ways = [];
  for (const [kind, code, { primary, secondary }] of branches) {
    const place = kind === "default" ? "true" : `context.${kind} == "${code}"`;
    const healthy = (name) => `context.health["${name}"]`;
    const permit = (name, condition) => policies.push(`permit(principal, action == Action::"route", resource == Endpoint::"${name}") when { ${place} && ${condition} };`);
    const [[first, weight], second] = primary;
    permit(first, second === undefined ? healthy(first) : `${healthy(first)} && (context.draw < ${weight} || !${healthy(second[0])})`);
    if (second !== undefined) permit(second[0], `${healthy(second[0])} && (context.draw >= ${weight} || !${healthy(first)})`);
    permit(secondary, `${healthy(secondary)}${primary.map(([name]) => ` && !${healthy(name)}`).join("")}`);
    ways.push({ kind, code, endpoints: [...primary.map(([name]) => name), secondary], last: first });
  }
  return { text: policies.join("\n"), ways };
}
