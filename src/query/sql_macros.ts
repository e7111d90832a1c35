/**
 * Functions that `sql` has beside DuckDB's: nets, flags of TCP.
 *
 * A net that is written in a query is taken apart by JavaScript, once: DuckDB computes a function of
 * constants when it plans. What is done for each row is DuckDB's own, but for `subnet`.
 *
 * @module
 */
import { DuckDBScalarFunction, type DuckDBType, INTEGER, VARCHAR } from "@duckdb/node-api";
import { MACROS } from "./macro_list.ts";
import { type Net, netOf, parseNet } from "./net_text.ts";
import { servicesView } from "./services_view.ts";
import type { QuerySession } from "./session.ts";

/** From the lowest bit: RFC 9293, 3.1, and RFC 3168, 6.1. */
const FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];

/** Answers that are remembered: recordings have the same addresses over and over. */
const MAX_REMEMBERED = 100_000;

const IPV4_BITS = 32;
const IPV6_BITS = 128;
/** Hexadecimal digits of an IPv6 address. */
const DIGITS = IPV6_BITS / 4;

/** Sessions that have them. */
const PROVIDED = new WeakSet<QuerySession>();

/** Whether a text may call one of the functions. */
export function callsMacro(text: string): boolean {
  return MACROS.some(({ name }) => text.toLowerCase().includes(name));
}

/** Creates the functions, once for each session. */
export async function createMacros(session: QuerySession): Promise<void> {
  if (PROVIDED.has(session)) return;
  PROVIDED.add(session);
  const net = (field: keyof Net) => ofTexts(`_net_${field}`, ([text]) => readNet(text!)[field]);
  for (
    const one of [
      net("kind"),
      net("text"),
      net("first"),
      net("last"),
      ofTexts(
        "_subnet",
        ([ip, ipv4, ipv6]) => netOf(ip!, [readBits(ipv4!, 32), readBits(ipv6!, 128)]),
        3,
      ),
      flagMask(),
    ]
  ) session.register(one);
  await session.execute([
    await servicesView(),
    ...SQL_MACROS.map((macro) => `CREATE TEMP MACRO ${macro}`),
  ]);
}

/** An address that is none is in no net, and not outside of one: NULL. */
const SQL_MACROS = [
  `_ipv4(a) AS ${ipv4Number("a")}`,
  `_ipv6_digits(a) AS ${ipv6Digits("a")}`,
  `in_net(ip, net) AS CASE _net_kind(net)
    WHEN 'exact' THEN ip = _net_text(net)
    WHEN 'prefix' THEN starts_with(ip, _net_text(net))
    WHEN 'ipv4' THEN CASE WHEN contains(ip, ':') THEN false
      ELSE _ipv4(ip) BETWEEN _net_first(net)::UBIGINT AND _net_last(net)::UBIGINT END
    WHEN 'ipv6' THEN CASE WHEN NOT contains(ip, ':') THEN false
      ELSE _ipv6_digits(ip) BETWEEN _net_first(net) AND _net_last(net) END
    END`,
  `subnet(ip, ipv4_bits := 24, ipv6_bits := 64) AS
    _subnet(ip, ipv4_bits::VARCHAR, ipv6_bits::VARCHAR)`,
  `service(port_number, protocol_name) AS (SELECT min(name) FROM services
    WHERE services.port = port_number AND services.protocol = protocol_name)`,
  `has_flags(flags, names) AS (flags & _flag_mask(names)) = _flag_mask(names)`,
];

/** NULL for what is no address. */
function ipv4Number(address: string): string {
  const octet = (place: number) =>
    `TRY_CAST(split_part(${address}, '.', ${place}) AS UTINYINT)::UBIGINT`;
  return `((${octet(1)} << 24) + (${octet(2)} << 16) + (${octet(3)} << 8) + ${octet(4)})`;
}

/** All 32 hexadecimal digits of an address as RFC 5952 writes it. */
function ipv6Digits(address: string): string {
  // Each group gets zeros in front, of which those that are needed are kept.
  const digits = (groups: string) => {
    const long = `regexp_replace(':' || ${groups}, ':', ':000', 'g')`;
    return `CASE WHEN ${groups} = '' THEN ''
      ELSE regexp_replace(${long}, ':0*([0-9a-f]{4})', '\\1', 'g') END`;
  };
  const [head, tail] = [1, 2].map((part) => digits(`split_part(${address}, '::', ${part})`));
  const octet = (place: number) => {
    const text = `split_part(split_part(${address}, ':', -1), '.', ${place})`;
    return `printf('%02x', TRY_CAST(${text} AS UTINYINT)::INTEGER)`;
  };
  // No other prefix is written with an IPv4 address at its end (RFC 5952, 5; RFC 4291, 2.5.5.2).
  return `CASE WHEN contains(${address}, '.') THEN
      '00000000000000000000ffff' || ${octet(1)} || ${octet(2)} || ${octet(3)} || ${octet(4)}
    WHEN contains(${address}, '::') THEN
      ${head} || repeat('0', ${DIGITS} - len(${head}) - len(${tail})) || ${tail}
    ELSE ${head} END`;
}

function readNet(text: string): Net {
  const net = parseNet(text);
  if (net !== null) return net;
  throw new Error(`in_net: "${text}" is no net, as in 10.0.0.0/8 or 2001:db8::/32`);
}

function readBits(text: string, maxBits: number): number {
  const bits = Number(text);
  if (Number.isInteger(bits) && bits >= 0 && bits <= maxBits) return bits;
  throw new Error(
    `subnet: ${text} is no length of a prefix, 0 to ${IPV4_BITS}, or 0 to ${IPV6_BITS} in IPv6`,
  );
}

function readFlags(text: string): number {
  const names = text.toUpperCase().split(",").map((name) => name.trim());
  return names.reduce((mask, name) => {
    const bit = FLAGS.indexOf(name);
    if (bit < 0) throw new Error(`has_flags: "${name}" is none of ${FLAGS.join(", ")}`);
    return mask | 1 << bit;
  }, 0);
}

function flagMask(): DuckDBScalarFunction {
  return scalarFunction("_flag_mask", 1, INTEGER, ([names]) => readFlags(names!));
}

function ofTexts(
  name: string,
  compute: (texts: readonly string[]) => string | null,
  parameters = 1,
): DuckDBScalarFunction {
  return scalarFunction(name, parameters, VARCHAR, compute);
}

/** A function of texts. DuckDB itself answers NULL where one of them is. */
function scalarFunction<T extends string | number>(
  name: string,
  parameters: number,
  returnType: DuckDBType,
  compute: (texts: readonly string[]) => T | null,
): DuckDBScalarFunction {
  const known = new Map<string, T | null>();
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: Array.from({ length: parameters }, () => VARCHAR),
    returnType,
    mainFunction: (info, input, output) => {
      try {
        const columns = input.getColumns() as (string | null)[][];
        for (let row = 0; row < input.rowCount; row++) {
          const texts = columns.map((column) => column[row] ?? null);
          if (texts.some((text) => text === null)) {
            output.setItem(row, null);
            continue;
          }
          const key = texts.join("\0");
          let value = known.get(key);
          if (value === undefined) {
            value = compute(texts as string[]);
            if (known.size >= MAX_REMEMBERED) known.clear();
            known.set(key, value);
          }
          output.setItem(row, value);
        }
        output.flush();
      } catch (error) {
        info.setError(error instanceof Error ? error.message : String(error));
      }
    },
  });
}
