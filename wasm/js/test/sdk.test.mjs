// The AWS SDK for JavaScript: its client reads answers of the Route 53 API, and what it makes of them is loaded as it is.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import route53 from "@aws-sdk/client-route-53";
import { pointsman } from "./support.mjs";

// It is CommonJS to Node.js 20, which does not find all of its names.
const {
  GetHealthCheckStatusCommand, GetHostedZoneCommand, ListCidrBlocksCommand, ListHealthChecksCommand, ListResourceRecordSetsCommand,
  Route53Client,
} = route53;

const { apply, check, Zone } = pointsman;
const XML = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
const set = (id, weight, value) => `<ResourceRecordSet><Name>www.example.com.</Name><Type>A</Type><SetIdentifier>${id}</SetIdentifier><Weight>${weight}</Weight>
  <TTL>60</TTL><ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords><HealthCheckId>hc-${id}</HealthCheckId></ResourceRecordSet>`;
const cidr = (location, value) => `<ResourceRecordSet><Name>office.example.com.</Name><Type>A</Type><SetIdentifier>${location}</SetIdentifier>
  <CidrRoutingConfig><CollectionId>c1a5e6a5-7a3c-4a3e-9b1e-2f6d0c9b8a77</CollectionId><LocationName>${location}</LocationName></CidrRoutingConfig>
  <TTL>60</TTL><ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`;
const health = (id) => `<HealthCheck><Id>hc-${id}</Id><CallerReference>${id}</CallerReference><HealthCheckVersion>1</HealthCheckVersion>
  <HealthCheckConfig><Type>TCP</Type><IPAddress>8.8.8.8</IPAddress><Port>443</Port><RequestInterval>30</RequestInterval><FailureThreshold>3</FailureThreshold></HealthCheckConfig></HealthCheck>`;
const page = (sets, next = "") => `<ListResourceRecordSetsResponse ${XML}><ResourceRecordSets>${sets}</ResourceRecordSets>
  <IsTruncated>${next !== ""}</IsTruncated>${next}<MaxItems>100</MaxItems></ListResourceRecordSetsResponse>`;

/** What the service answers, by path and query. */
function answer({ path, query }) {
  if (/\/healthcheck\/[^/]+\/status$/.test(path)) {
    const status = path.includes("hc-blue") ? "Failure: Connection timed out." : "Success: HTTP Status Code: 200, OK";
    return `<GetHealthCheckStatusResponse ${XML}><HealthCheckObservations><HealthCheckObservation><Region>us-east-1</Region><IPAddress>192.0.2.99</IPAddress>
      <StatusReport><Status>${status}</Status><CheckedTime>2026-03-01T09:30:00Z</CheckedTime></StatusReport></HealthCheckObservation></HealthCheckObservations></GetHealthCheckStatusResponse>`;
  }
  if (path.endsWith("/rrset")) {
    return query?.name === "www.example.com." ? page(set("blue", 3, "192.0.2.1") + set("green", 1, "192.0.2.2"))
      : page(cidr("berlin", "192.0.2.3") + cidr("*", "192.0.2.4"), "<NextRecordName>www.example.com.</NextRecordName><NextRecordType>A</NextRecordType>");
  }
  if (path.includes("/cidrcollection/")) {
    return `<ListCidrBlocksResponse ${XML}><CidrBlocks><member><CidrBlock>203.0.113.0/24</CidrBlock><LocationName>berlin</LocationName></member></CidrBlocks></ListCidrBlocksResponse>`;
  }
  if (path.endsWith("/healthcheck")) {
    return `<ListHealthChecksResponse ${XML}><HealthChecks>${health("blue")}${health("green")}</HealthChecks><Marker></Marker><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHealthChecksResponse>`;
  }
  return `<GetHostedZoneResponse ${XML}><HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name><CallerReference>x</CallerReference>
    <Config><PrivateZone>false</PrivateZone></Config><ResourceRecordSetCount>4</ResourceRecordSetCount></HostedZone>
    <DelegationSet><NameServers><NameServer>ns-1.awsdns-01.com</NameServer></NameServers></DelegationSet></GetHostedZoneResponse>`;
}

/** The SDK's own client, with everything of it but the network. */
const client = new Route53Client({
  region: "us-east-1",
  credentials: { accessKeyId: "invented", secretAccessKey: "invented" },
  requestHandler: {
    handle: async (request) => ({
      response: { statusCode: 200, headers: { "content-type": "text/xml" }, body: Readable.from([Buffer.from(answer(request))]) },
    }),
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  },
});

const CidrCollection = "c1a5e6a5-7a3c-4a3e-9b1e-2f6d0c9b8a77";

test("answers of the SDK are documents as they are", async () => {
  const pages = [];
  // The SDK has no paginator for these.
  let start = {};
  do {
    const page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: "Z1", ...start }));
    pages.push(page);
    const { NextRecordName: StartRecordName, NextRecordType: StartRecordType, NextRecordIdentifier: StartRecordIdentifier } = page;
    start = page.IsTruncated ? { StartRecordName, StartRecordType, StartRecordIdentifier } : undefined;
  } while (start !== undefined);
  assert.equal(pages.length, 2);
  const hostedZone = await client.send(new GetHostedZoneCommand({ Id: "Z1" }));
  const checks = await client.send(new ListHealthChecksCommand({}));
  const blocks = await client.send(new ListCidrBlocksCommand({ CollectionId: CidrCollection }));
  assert.ok([...pages, hostedZone, checks, blocks].every((answer) => typeof answer.$metadata === "object"));
  const documents = [hostedZone, ...pages, checks, { json: blocks, cidrCollection: CidrCollection, name: "offices" }];
  assert.deepEqual(check(documents), []);
  const zone = Zone.load(documents);
  assert.deepEqual(zone.findings, []);

  const HealthChecks = {};
  for (const id of zone.healthChecks()) HealthChecks[id] = await client.send(new GetHealthCheckStatusCommand({ HealthCheckId: id }));
  const view = zone.health({ HealthChecks });
  assert.deepEqual(view.findings, []);
  assert.deepEqual(view.resolve({ name: "www.example.com", type: "A" }).values, ["192.0.2.2"]);
  assert.deepEqual(view.resolve({ name: "office.example.com", type: "A", client: { ip: "203.0.113.9" } }).values, ["192.0.2.3"]);

  const batch = { Changes: [{ Action: "DELETE", ResourceRecordSet: pages[1].ResourceRecordSets[0] }] };
  assert.equal(JSON.parse(apply(documents, batch)).ResourceRecordSets.length, 3);
});

test("blocks without their collection, and parts that a document does not have, are said", async () => {
  const blocks = await client.send(new ListCidrBlocksCommand({ CollectionId: CidrCollection }));
  const [finding] = check([blocks], { zoneName: "example.com" });
  assert.equal(finding.code, "cidr-blocks-without-collection");
  assert.doesNotMatch(finding.help, /--cidr-collection/);
  assert.throws(() => check([{ json: "text" }]), { name: "TypeError", message: "documents[0].json must be an object; text goes into documents[0].text" });
  assert.throws(() => check([{ json: {}, collection: "c" }]), { name: "TypeError", message: /^documents\[0\]\.collection is not a part of a document/ });
  assert.throws(() => check([{ json: Promise.resolve({}) }]), { name: "TypeError", message: "documents[0].json is a Promise; await it first" });
});
