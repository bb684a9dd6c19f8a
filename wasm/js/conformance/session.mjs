// What a conformance host does, whatever program it runs in: one request, one reply. See tests/src/lines.rs.
//
// Each answer is made in every way that the package has, and they have to be the same bytes.

/** The errors of findings, as the judge reads them. */
const refusals = (diagnostics) => diagnostics
  .filter(({ severity }) => severity === "error")
  .map(({ code, message, route53_error, route53_message }) => ({ code, message, route53_error, route53_message }));

export function session({ apply, check, PointsmanError, Zone }) {
  let zone, view;

  const resolve = (line) => {
    const text = view.resolveJson(line);
    if (text.startsWith('{"error"')) return text;
    const query = JSON.parse(line);
    const { latitude, longitude } = query.client ?? {};
    const ways = {
      resolve: view.resolve(query),
      "resolve again": view.resolve(query),
      "the answer of explain": view.explain(query).answer,
      ...(latitude === undefined ? {} : { resolveAt: view.resolveAt(query, [latitude, longitude]).answers[0] }),
    };
    for (const [way, answer] of Object.entries(ways)) {
      if (JSON.stringify(answer) !== text) throw new Error(`${way} gives ${JSON.stringify(answer)}, and resolveJson ${text}`);
    }
    return text;
  };

  const operations = {
    check: ({ documents }) => ({ refusals: refusals(check(documents)) }),
    apply: ({ documents, batch }) => {
      try {
        return { text: apply(documents, batch) };
      } catch (error) {
        if (!(error instanceof PointsmanError)) throw error;
        return { refusals: refusals(error.diagnostics) };
      }
    },
    load: ({ documents, report }) => {
      view?.free();
      zone?.free();
      zone = Zone.load(documents);
      view = zone.health(report);
      return {};
    },
    resolve: ({ line }) => ({ text: resolve(line) }),
    odds: ({ line }) => ({ text: view.oddsJson(line) }),
  };

  return (request) => {
    try {
      return operations[request.operation](request);
    } catch (error) {
      return { error: String(error?.stack ?? error) };
    }
  };
}
