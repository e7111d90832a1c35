/**
 * Names of ports that can be written in a filter. Those that people write are here, with the protocol
 * that they are used with; all others of IANA's "Service Name and Transport Protocol Port Number
 * Registry" are loaded when somebody writes one.
 *
 * @module
 */

/** A port, and the protocol that its name belongs to; null = several. */
export interface Service {
  readonly port: number;
  readonly protocol: number | null;
}

const TCP = 6;
const UDP = 17;

const SERVICES: ReadonlyMap<string, Service> = new Map([
  ...named(TCP, {
    ...{ "ftp-data": 20, ftp: 21, ssh: 22, telnet: 23, smtp: 25, whois: 43, gopher: 70 },
    ...{ finger: 79, http: 80, pop3: 110, auth: 113, nntp: 119, "netbios-ssn": 139, imap: 143 },
    ...{ bgp: 179, irc: 194, "microsoft-ds": 445, smb: 445, submissions: 465, exec: 512 },
    ...{ login: 513, shell: 514, printer: 515, submission: 587, ldaps: 636, ftps: 990 },
    ...{ telnets: 992, imaps: 993, pop3s: 995, socks: 1080, openvpn: 1194, "ms-sql-s": 1433 },
    ...{ pptp: 1723, mqtt: 1883, nfs: 2049, mysql: 3306, "ms-wbt-server": 3389, rdp: 3389 },
    ...{ svn: 3690, postgresql: 5432, amqp: 5672, rfb: 5900, redis: 6379, "http-alt": 8080 },
    ...{ git: 9418, kafka: 9092 },
  }),
  ...named(UDP, {
    ...{ bootps: 67, bootpc: 68, tftp: 69, ntp: 123, "netbios-ns": 137, "netbios-dgm": 138 },
    ...{ isakmp: 500, syslog: 514, "dhcpv6-client": 546, "dhcpv6-server": 547, radius: 1812 },
    ...{ "radius-acct": 1813, ssdp: 1900, stun: 3478, "ipsec-nat-t": 4500, vxlan: 4789 },
    ...{ mdns: 5353, llmnr: 5355, geneve: 6081, wireguard: 51820 },
  }),
  ...named(null, {
    ...{ domain: 53, kerberos: 88, sunrpc: 111, snmp: 161, "snmp-trap": 162, ldap: 389 },
    ...{ https: 443, sip: 5060, "sip-tls": 5061 },
  }),
]);

/** All names, for suggestions. */
export const SERVICE_NAMES: readonly string[] = [...SERVICES.keys()];

const PROTOCOLS: Readonly<Record<string, number>> = { TCP, UDP, SCTP: 132 };

let registry: ReadonlyMap<string, Service> | undefined;

/** What a name stands for; undefined if there is none, or the registry is not loaded. */
export function serviceOf(name: string): Service | undefined {
  return SERVICES.get(name) ?? registry?.get(name);
}

/** Whether all names are known. */
export function knowsAllServices(): boolean {
  return registry !== undefined;
}

/** Loads the registry. */
export async function loadAllServices(): Promise<void> {
  const { default: names } = await import("../contract/service_names.json", {
    with: { type: "json" },
  });
  registry = new Map(
    Object.entries<string>(names).flatMap(([protocols, list]) => {
      const known = protocols.split(",").flatMap((one) => PROTOCOLS[one] ?? []);
      const protocol = known.length === 1 ? known[0]! : null;
      return list.split(" ").map((entry): [string, Service] => {
        const slash = entry.lastIndexOf("/");
        return [entry.slice(0, slash), { port: Number(entry.slice(slash + 1)), protocol }];
      });
    }),
  );
}

function named(
  protocol: number | null,
  ports: Readonly<Record<string, number>>,
): [string, Service][] {
  return Object.entries(ports).map(([name, port]) => [name, { port, protocol }]);
}
