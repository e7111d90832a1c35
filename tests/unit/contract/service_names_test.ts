import assert from "node:assert/strict";
import { Recordings } from "../../../src/query/recordings.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { SERVICE_NAMES_FILE, serviceNamesText } from "../../support/make_service_names.ts";

Deno.test("service_names.json is what its generator makes of the registry", () => {
  assert.equal(Deno.readTextFileSync(SERVICE_NAMES_FILE), serviceNamesText());
});

Deno.test("the view services has a name for a port, and at most one", async () => {
  using recordings = await Recordings.open([fixturePath("complete")]);
  const ask = async (sql: string) =>
    (await Array.fromAsync(recordings.rows({ sql, parameters: {} }))).flat();
  const known = [
    ["TCP", 22, "ssh"],
    ["TCP", 80, "http"],
    ["TCP", 443, "https"],
    ["TCP", 631, "ipp"],
    ["UDP", 53, "domain"],
    ["UDP", 443, "https"],
    ["SCTP", 2905, "m3ua"],
  ];
  const values = known.map(([protocol, port]) => `('${protocol}', ${port})`).join(", ");
  const sql = `SELECT protocol, port, name FROM services
    JOIN (VALUES ${values}) AS asked(protocol, port) USING (protocol, port)`;
  const order = (rows: readonly (readonly unknown[])[]) => rows.map(String).sort();
  assert.deepEqual(order(await ask(sql)), order(known));
  const double = "SELECT protocol, port FROM services GROUP BY ALL HAVING count(*) > 1";
  assert.deepEqual(await ask(double), []);
  const [[count]] = await ask("SELECT count(*) FROM services") as [[bigint]];
  assert(count > 10_000n, String(count));
});
