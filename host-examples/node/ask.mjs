// The same questions to the component, wherever it runs. Used in Node.js and in Chromium by the tests.
const words = { noerror: "NOERROR", nxdomain: "NXDOMAIN", refused: "REFUSED", servfail: "SERVFAIL" };

/** A typed answer of the component, in the words of core's JSON. */
const inWords = (answer) => JSON.stringify({
  rcode: words[answer.rcode], type: answer.type, ttl: answer.ttl ?? null, values: answer.values,
  set_identifiers: answer.setIdentifiers, fail_open: answer.failOpen, scope_prefix_length: answer.scopePrefixLength,
  ...(answer.referral === undefined ? {} : { referral: answer.referral }),
  ...(answer.aliasTarget === undefined ? {} : { alias_target: answer.aliasTarget }),
  ...(answer.undetermined === undefined ? {} : { undetermined: answer.undetermined }),
});

/** What the component answers: a line for each question under each report, typed and by JSON. */
export function askComponent({ Zone }, documents, reports, queries) {
  const zone = Zone.load(documents.map((text, number) => ({ name: `document ${number + 1}`, text })), {});
  const lines = [];
  for (const report of reports) {
    const view = zone.health({ name: "health report", text: report });
    for (const { name, type, client = {}, draw = 0 } of queries) {
      const { latency_ms = {}, latitude, longitude, vpc_region, ...facts } = client;
      const line = JSON.stringify({ name, type, client, draw });
      const typed = inWords(view.resolve({
        name, type, draw: BigInt(draw),
        client: {
          ...facts, vpcRegion: vpc_region, location: latitude === undefined ? undefined : { latitude, longitude },
          latency: Object.entries(latency_ms).map(([region, milliseconds]) => ({ region, milliseconds })),
        },
      }));
      lines.push([view.resolveJson(line), typed, view.oddsJson(line)]);
    }
  }
  return lines;
}

/** The same from the npm package. */
export function askPackage({ Zone }, documents, reports, queries) {
  const zone = Zone.load(documents);
  return reports.flatMap((report) => {
    const view = zone.health(report);
    return queries.map((query) => {
      const line = JSON.stringify({ client: {}, draw: 0, ...query });
      return [view.resolveJson(line), JSON.stringify(view.resolve(query)), view.oddsJson(line)];
    });
  });
}
