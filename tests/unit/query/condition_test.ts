import assert from "node:assert/strict";
import { InspectorError } from "../../../src/core/errors.ts";
import { EVERYTHING } from "../../../src/query/selection.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { QuerySession } from "../../../src/query/session.ts";
import { fixturePath } from "../../support/make_fixture.ts";

const FILE = fixturePath("complete");

async function matched(where: string): Promise<bigint> {
  using recordings = await Recordings.open([FILE], { selection: { ...EVERYTHING, where } });
  const { matched, total } = await recordings.matched();
  assert.equal(total, 36n);
  return matched;
}

Deno.test("--where takes any expression about the columns of a packet", async () => {
  const cases: [string, bigint][] = [
    ["true", 36n],
    ["destination_port = 80", 10n],
    ["destination_port = 80 OR destination_port = 443", 14n],
    ["(destination_port = 80) OR (destination_port = 443)", 14n],
    ["destination_port IN (80, 443)", 14n],
    ["PACKETS.Destination_Port BETWEEN 80 AND 81", 10n],
    ["source_ip = '10.0.0.2' AND NOT is_fragment", 12n],
    ["source_ip IS NULL", 3n],
    ["protocol LIKE 'ICMP%'", 4n],
    ["regexp_matches(protocol, '^ICMP')", 4n],
    ["CASE WHEN ttl = 64 THEN packet_length > 1000 ELSE false END", 12n],
    ["tcp_flags & 16 <> 0", 25n],
    ["timestamp >= TIMESTAMP '2026-11-23 13:54:06'", 4n],
    ["packet_length::DOUBLE / 2 > 700", 12n],
    ["protocol = '--' OR protocol = '/* */' OR protocol = 'it''s;'", 0n],
    ["sample_rate = 1", 36n],
    ["timestamp < now()::TIMESTAMP", 36n],
    ["ttl = \n 64", 33n],
    // The functions that sql has.
    ["in_net(source_ip, '10.0.0.0/8') AND NOT has_flags(tcp_flags, 'SYN')", 20n],
    ["subnet(source_ip) = '10.0.0.0/24' AND service(destination_port, protocol) = 'http'", 10n],
    // NULL is not true.
    ["destination_port <> 80", 17n],
  ];
  for (const [where, packets] of cases) assert.equal(await matched(where), packets, where);
});

Deno.test("--where refuses what is not one condition about one packet", async () => {
  const cases: [string, string][] = [
    ["a) OR (b", 'syntax error at or near ")", at character 2'],
    ["true) OR (true", 'syntax error at or near ")", at character 5'],
    ["true) UNION SELECT 1 FROM packets WHERE (true", 'syntax error at or near ")"'],
    ["true GROUP BY 1", 'syntax error at or near "GROUP", at character 6'],
    ["true LIMIT 1", 'syntax error at or near "LIMIT"'],
    ["true ORDER BY ttl", 'syntax error at or near "ORDER"'],
    ["true QUALIFY true", 'syntax error at or near "QUALIFY"'],
    ["true;", 'syntax error at or near ";", at character 5'],
    ["true; DROP VIEW packets", 'syntax error at or near ";", at character 5'],
    ["true; SELECT 1", 'syntax error at or near ";", at character 5'],
    ["true -- and more", "it has a comment"],
    ["true /* and more */", "it has a comment"],
    ["'a' = 'b' -- c", "it has a comment"],
    ["", "syntax error at end of input"],
    ["ttl = = 64", 'syntax error at or near "=", at character 7'],
    ["'é' = = 'é'", 'syntax error at or near "=", at character 7'],
    ["source_ip IN (SELECT source_ip FROM packets)", "it has a query of its own"],
    ["EXISTS (FROM '/etc/passwd')", "it has a query of its own"],
    ["ttl > (SELECT 1)", "it has a query of its own"],
    ["row_number() OVER () = 1", "it has a window function"],
    ["ttl = ?", "it has a parameter"],
    ["ttl = $limit", "it has a parameter"],
    ["list_any_value([x -> true]) = 1", "it has a lambda"],
    ["count(*) > 1", "WHERE clause cannot contain aggregates, at character 1"],
    ["random() < 0.5", 'the function "random" is not about the packet'],
    ["sleep_ms(1) IS NULL", 'the function "sleep_ms" is not about the packet'],
    ["pg_sleep(1) IS NULL", 'the function "pg_sleep" is not about the packet'],
    ["in_net(source_ip, '10.0.0.0/99')", 'in_net: "10.0.0.0/99" is no net'],
    ["has_flags(tcp_flags, 'SIN')", 'has_flags: "SIN" is none of FIN, SYN'],
    ["error('x')", 'the function "error" is not about the packet'],
    ["nonesuch(ttl)", "Scalar Function with name nonesuch does not exist, at character 1"],
    ["ttl = 64 AND\n nonesuch(ttl)", "does not exist, at character 15"],
    ["destination_prt = 80", 'there is no column "destination_prt", at character 1'],
    ["ttl = 1 OR 'é' = nothing", 'there is no column "nothing", at character 18'],
    ["ttl", "it is UTINYINT and not true or false"],
    ["'true'", "it is VARCHAR and not true or false"],
    ["NULL", "it is INTEGER and not true or false"],
    ["ttl = 'abc'", "Could not convert string 'abc' to UINT8"],
    ["read_text('/etc/passwd') IS NULL", 'Function "read_text" is a table function'],
  ];
  for (const [where, reason] of cases) {
    await assert.rejects(matched(where), (error: Error) => {
      assert.equal(error.name, "RunError", where);
      assert(error.message.startsWith(`Cannot use "${where}" for --where: `), error.message);
      return error.message.includes(reason) || assert.fail(error.message);
    }, where);
  }
});

Deno.test("--where offers near columns, and quotes for text without them", async () => {
  const hint = (where: string) =>
    matched(where).then(() => "none", ({ hint }: { hint: string }) => hint);
  assert.match(await hint("destination_prt = 80"), /^Did you mean "destination_port"/);
  assert.equal(await hint('protocol = "TCP"'), "Text is written in single quotes, as in 'TCP'");
});

Deno.test("--where says that a value of some packet cannot be compared, and blames no file", async () => {
  // Which packets have such a value shows only while the question is answered.
  await assert.rejects(matched("CAST(protocol AS INTEGER) = 6"), {
    name: "RunError",
    message: /^Cannot use "CAST\(.*for --where: Conversion Error: Could not convert string '/,
  });
  await assert.rejects(matched("strptime(protocol, '%Y') IS NULL"), {
    name: "RunError",
    message: /^Cannot use "strptime\(.*for --where: Invalid Input Error: Could not parse string/,
  });
});

Deno.test("--where does not take the blame when the answer is called off", async () => {
  const controller = new AbortController();
  const stream = QuerySession.prototype.stream;
  QuerySession.prototype.stream = function (sql, ...more) {
    if (sql.startsWith("EXPLAIN ")) controller.abort(new InspectorError("Ended by SIGTERM", 143));
    return stream.call(this, sql, ...more);
  };
  try {
    const selection = { ...EVERYTHING, where: "ttl = 64" };
    const { signal: stop } = controller;
    await assert.rejects(Recordings.open([FILE], { selection, stop }), {
      message: "Ended by SIGTERM",
    });
  } finally {
    QuerySession.prototype.stream = stream;
  }
});

Deno.test("--where repeats no more of a condition than a message can hold", async () => {
  const where = `ttl = = ${"1".repeat(100_000)}`;
  await assert.rejects(matched(where), ({ message }: Error) => message.length < 400);
});

Deno.test("--where names the next step for what DuckDB refuses", async () => {
  const cases: [where: string, hint: RegExp][] = [
    ["ttl =", /^Write comparisons, with AND between them/],
    ["1 < 2 < 3", /^Write comparisons, with AND between them/],
    ["ttl > 1 AND", /^Write comparisons, with AND between them/],
    ["no_such(ttl)", /^Write comparisons, with AND between them/],
    ["(ttl = 1", /^Write a "\)" for each "\("$/],
    ["ttl = 1)", /^Write a "\)" for each "\("$/],
    ["interface = ')' AND", /^Write comparisons/],
    ["interface = 'eth0", /^Close each quote/],
    ["tcp port 80", /^Write it behind --filter: these are words of tcpdump$/],
    ["source_ip = 10.0.0.1", /^Write addresses in single quotes/],
    ["source_ip = 2001:db8::1", /^Write addresses in single quotes/],
    ["ttl = 'many'", /"xdp-inspector schema" lists them$/],
  ];
  for (const [where, hint] of cases) {
    await assert.rejects(matched(where), (error: InspectorError) => {
      assert.match(error.hint ?? "", hint, where);
      return true;
    });
  }
});
