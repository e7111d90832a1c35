import assert from "node:assert/strict";
import fc from "fast-check";

import { InvalidValue } from "../../../src/core/invalid_value.ts";
import { FilterError } from "../../../src/filter/filter_error.ts";
import { parseFilter } from "../../../src/filter/parser.ts";
import { ALL_WORDS } from "../../../src/filter/words.ts";

/** The tree without places. */
function meaning(text: string): unknown {
  return JSON.parse(
    JSON.stringify(parseFilter(text), (name, value) => name === "position" ? undefined : value),
  );
}

/** Texts that mean the same: pcap-filter(7) says so of most. */
const SAME: readonly (readonly [text: string, same: string])[] = [
  ["tcp port 80 or 443", "tcp port 80 or tcp port 443"],
  [
    "tcp dst port ftp or ftp-data or domain",
    "tcp dst port 21 or tcp dst port 20 or tcp dst port 53",
  ],
  ["not host 10.0.0.1 and 10.0.0.2", "(not host 10.0.0.1) and host 10.0.0.2"],
  ["host 10.0.0.1 and not 10.0.0.2", "host 10.0.0.1 and not host 10.0.0.2"],
  [
    "host 10.0.0.1 and (10.0.0.2 or 10.0.0.3)",
    "host 10.0.0.1 and (host 10.0.0.2 or host 10.0.0.3)",
  ],
  ["tcp or udp and icmp", "(tcp or udp) and icmp"],
  ["tcp and udp or icmp", "(tcp and udp) or icmp"],
  ["not tcp or udp", "(not tcp) or udp"],
  ["!tcp&&!udp||icmp", "((not tcp) and (not udp)) or icmp"],
  ["src 10.0.0.1", "src host 10.0.0.1"],
  ["src or dst net 10/8", "net 10.0.0.0/8"],
  ["dst or src net 10", "net 10.0.0.0 mask 255.0.0.0"],
  ["net 192.168", "net 192.168.0.0/16"],
  ["net 192.168.1", "net 192.168.1.0/24"],
  ["net 192.168.1.0", "host 192.168.1.0"],
  ["net 10/8 or 11/8", "net 10.0.0.0/8 or net 11.0.0.0/8"],
  ["net 2001:db8::", "host 2001:db8::"],
  ["tcp port http", "tcp port 80"],
  ["port domain", "port 53"],
  ["portrange 80-90", "portrange 90-80"],
  ["portrange 80", "port 80"],
  ["port (80 or 443)", "port 80 or port 443"],
  ["port not 80", "not port 80"],
  ["ip proto \\tcp", "ip proto 6"],
  ["ip proto tcp", "ip proto 0x6"],
  ["icmp", "ip proto 1"],
  ["icmp6", "ip6 proto 58"],
  ["proto ospf", "proto 89"],
  ["tcp", "proto 6"],
  ["arp", "ether proto 0x806"],
  ["ether proto \\ip", "ether proto 2048"],
  ["less 100", "len <= 100"],
  ["greater 0100", "len >= 64"],
  ["len = 5", "len == 5"],
  ["multicast", "ether[0] & 1 = 1"],
  ["link host 1:2:3:4:5:6", "ether host 01:02:03:04:05:06"],
  ["ether src 0102.0304.0506", "ether src host 01-02-03-04-05-06"],
  ["ether dst 010203040506", "ether dst 1.2.3.4.5.6"],
  ["inbound", "in"],
  ["ttl 64", "ttl = 64"],
  ["tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "tcp[13] & 18 = 2"],
  ["tcp[tcpflags] & tcp-syn|tcp-ack != 0", "(tcp[13] & 2) | 16 != 0"],
  ["len + 1 * 2 = 5", "len + 2 = 5"],
  ["len - 1 - 2 = 5", "(len - 1) - 2 = 5"],
  ["len << 1 + 1 = 8", "len << 2 = 8"],
  ["len % 3 + 1 = 2", "len % 4 = 2"], // as tcpdump -d shows
  ["len + 5 ^ 1 & 3 = 2", "len + 4 = 2"],
  ["len = -1", "len = 0xffffffff"],
  ["(len) > 5", "len > 5"],
  ["(tcp[13] & 2) != 0 and (udp or port 80)", "tcp[13] & 2 != 0 and (udp or port 80)"],
  ["icmp[icmptype] = icmp-echo", "icmp[0] = 8"],
  ["interface eth0.10 or(in)", "interface eth0.10 or in"],
  ["ether proto loopback", "ether proto 0x9000"],
];

const MANUAL = 'See FILTERS in the manual page: "xdp-inspector man | man -l -"';
const COMPARE = 'Compare two values, and join comparisons with "and": "len > 100 and len < 1500"';

/** Texts that cannot be used, and what is said. */
const REFUSED: readonly (readonly [text: string, reason: string, hint: string])[] = [
  ["tcp prt 80", 'unknown word "prt" at column 5', 'Did you mean "port"?'],
  ["", "there is nothing, at column 1", "Write a filter"],
  ["tcp AND udp", 'unknown word "AND" at column 5', 'Did you mean "and"?'],
  ["10.0.0.1", 'a word is missing before "10.0.0.1" at column 1', 'Write "host 10.0.0.1"'],
  ["tcp or 80", 'a word is missing before "80" at column 8', 'Write "port 80"'],
  [
    "tcp and",
    "something is missing, at column 8",
    'Write a condition behind "and", or leave it out',
  ],
  ["tcp udp", '"and" or "or" is missing before "udp" at column 5', 'Write "and udp" or "or udp"'],
  ["(tcp", '")" is missing, at column 5', 'Close each "(" with a ")"'],
  ["port (80", '")" is missing, at column 9', 'Close each "(" with a ")"'],
  ["len > (5", '")" is missing, at column 9', 'Close each "(" with a ")"'],
  [
    "tcp)",
    'nothing can begin with ")" at column 4',
    'Leave it out, or write the "(" that it closes',
  ],
  [
    "and tcp",
    'nothing can begin with "and" at column 1',
    'Write something before it, as in "tcp and udp"',
  ],
  [
    "tcp or or udp",
    'nothing can begin with "or" at column 8',
    'Write something before it, as in "tcp or udp"',
  ],
  ["mask", 'nothing can begin with "mask" at column 1', MANUAL],
  ["frobnicate", 'unknown word "frobnicate" at column 1', MANUAL],
  [
    "tcp.port == 80",
    'unknown word "tcp.port" at column 1',
    'Write it in the words of tcpdump, as in "tcp port 443 and src net 10/8"',
  ],
  ["1 < 2 < 3", 'nothing can begin with "<" at column 7', COMPARE],
  ["> 3", 'nothing can begin with ">" at column 1', COMPARE],
  ["port", 'something is missing behind "port" at column 5', 'Write it as in "port 443"'],
  [
    "tcp and port and udp",
    'something is missing behind "port" at column 14',
    'Write it as in "port 443"',
  ],
  ["port 65536", 'no port has the number "65536" at column 6', "Ports end at 65535"],
  ["port htpp", 'no port has the name "htpp" at column 6', 'Did you mean "http"?'],
  ["port 80-90", 'no single port is "80-90" at column 6', 'Write "portrange 80-90"'],
  [
    "udp port http",
    '"udp" has no service of the name "http" at column 10',
    'Write the number, as in "udp port 80"',
  ],
  [
    "arp port 5",
    '"arp" has no ports that are recorded, at column 10',
    'Write "tcp port", "udp port" or "sctp port"',
  ],
  [
    "host example.org",
    'names of hosts are looked up only with --resolve: "example.org" at column 6',
    "Write the address, or add --resolve",
  ],
  ["host 10.1", 'no whole address is "10.1" at column 6', 'Write "net 10.1"'],
  ["host 300.1.1.1", 'no IPv4 address in "300.1.1.1" at column 6', "Numbers end at 255"],
  [
    "host 10.0.0.0/8",
    'only a net has a length: "10.0.0.0/8" at column 6',
    'Write "net 10.0.0.0/8"',
  ],
  [
    "host 1:2:3:4:5:6",
    'a MAC address stands where none can: "1:2:3:4:5:6" at column 6',
    'Write "ether host 1:2:3:4:5:6"',
  ],
  [
    "ether host 10.0.0.1",
    'no MAC address is "10.0.0.1" at column 12',
    'Write one, as in "ether host 02:00:5e:10:00:01"',
  ],
  [
    "net 10.1.2.3/8",
    'bits are set behind the length of "10.1.2.3/8" at column 5',
    'Write "10.0.0.0/8"',
  ],
  [
    "net 2001:db8::1/32",
    'bits are set behind the length of "2001:db8::1/32" at column 5',
    "Set them to 0, or write a greater length",
  ],
  [
    "net 10.0.0.0/33",
    'no net has the length of "10.0.0.0/33" at column 5',
    "The length ends at 32",
  ],
  [
    "net 10.0.0.0 mask 255.0.255.0",
    'no netmask is "255.0.255.0" at column 19',
    'Write "net 10.0.0.0/8"',
  ],
  [
    "ip6 host 10.0.0.1",
    '"ip6" has no such address as "10.0.0.1" at column 10',
    'Write "ip" in its place',
  ],
  [
    "arp host 10.0.0.1",
    'the addresses in "arp" are not recorded, at column 10',
    'Write "arp" alone',
  ],
  [
    "tcp src host 10.0.0.1",
    'nothing is known of "tcp src host 10.0.0.1" at column 14',
    'Write "tcp and src host 10.0.0.1"',
  ],
  ["tcp proto 5", 'nothing is known of "tcp proto 5" at column 11', 'Write "proto 5"'],
  [
    "tcp broadcast",
    'nothing is known of "tcp broadcast" at column 1',
    'Write "broadcast", "multicast", "ip multicast" or "ip6 multicast"',
  ],
  [
    "net example",
    'names of nets are not known: "example" at column 5',
    'Write the address, as in "net 10.0.0.0/8"',
  ],
  ["host 300", 'no whole address is "300" at column 6', 'Write all of it, as in "10.0.0.1"'],
  [
    "net 10/x",
    'a number of bits is missing behind "/" at column 8',
    'Write it as in "net 10.0.0.0/8"',
  ],
  [
    "ether proto zzz",
    'no EtherType is "zzz" at column 13',
    'Write its number, as in "ether proto 0x88cc"',
  ],
  ["proto zz", 'no protocol has the name "zz" at column 7', 'Write its number, as in "proto 47"'],
  [
    "gateway 10.0.0.1",
    'the addresses of a router are not in the packet: "gateway" at column 1',
    'Write "ether host MAC and not host ADDRESS"',
  ],
  [
    "ip6 protochain 6",
    'the chain of IPv6 headers is not recorded: "protochain" at column 5',
    'Write "proto" for what stands behind it',
  ],
  ["ip proto 256", 'no protocol has the number "256" at column 10', "Numbers end at 255"],
  [
    "ip proto tpc",
    'no protocol has the name "tpc" at column 10',
    'Did you mean "tcp" or "3pc"?',
  ],
  [
    "ether proto 0x8100",
    'a tag has no EtherType of its own: "0x8100" at column 13',
    'Write "vlan": the EtherType that is recorded is the one behind VLAN tags',
  ],
  [
    "ether proto 1000",
    'the fields of LLC are not recorded: "1000" at column 13',
    "EtherTypes begin at 1536",
  ],
  ["llc", 'the fields of LLC are not recorded: "llc" at column 1', MANUAL],
  [
    "tcp[20] = 1",
    'byte 20 of "tcp" is not recorded, at column 1',
    "Only what is a column of a recording can be compared",
  ],
  [
    "ip[6:2] & 0x1fff = 0",
    'byte 6 of "ip" is not recorded, at column 1',
    'Write "fragment" for a part of a fragmented datagram',
  ],
  [
    "arp[0] = 1",
    'the bytes of "arp" are not recorded, at column 1',
    "Only what is a column of a recording can be compared",
  ],
  [
    "tcp[tcp[12]] = 1",
    'byte 12 of "tcp" is not recorded, at column 5',
    "Only what is a column of a recording can be compared",
  ],
  [
    "tcp[tcp[13]] = 1",
    'an offset that depends on the packet leads to bytes that are not recorded: "tcp[" at column 1',
    'Write a number, as in "tcp[0]"',
  ],
  ["tcp[0:3] = 1", 'no such size as "3" at column 7', "Write 1, 2 or 4 bytes"],
  ["tcp[13", '"]" is missing, at column 7', 'Write it as in "tcp[13]" or "tcp[4:4]"'],
  [
    "tcp[13]",
    "a comparison is missing, at column 1",
    'Compare the value with a number: "tcp[tcpflags] & tcp-syn != 0"',
  ],
  ["len / 0 = 1", "division by zero, at column 7", "Divide by 1 or more"],
  [
    "len << len = 1",
    'only a number can stand behind "<<" at column 8',
    'Write a number, as in "len << 2"',
  ],
  ["len >", "a value is missing, at column 6", COMPARE],
  ["len > or", 'a value is missing before "or" at column 7', COMPARE],
  [
    "len > 4294967296",
    'more than 32 bits in "4294967296" at column 7',
    "Numbers end at 4294967295",
  ],
  ["vlan 4096", 'no VLAN has the number "4096" at column 1', "Numbers end at 4095"],
  [
    "vlan 1 and vlan 2",
    'only the outer tag is recorded, so that "vlan" cannot stand twice, at column 12',
    'Ask for the outer tag alone, as in "vlan 10"',
  ],
  ["mpls 100", 'the number behind "mpls" is not recorded, at column 1', 'Write "mpls" alone'],
  [
    "ip broadcast",
    '"ip broadcast" needs a netmask, which is not recorded, at column 1',
    'Write "broadcast"',
  ],
  [
    "interface",
    'a name is missing behind "interface" at column 1',
    'Write it as in "interface eth0"',
  ],
  ["less", 'a number is missing behind "less" at column 5', 'Write it as in "less 100"'],
  ["tcp @ udp", 'there is no such sign as "@" at column 5', MANUAL],
  [
    "port 80, 443",
    'there is no such sign as "," at column 8',
    'Write "or", as in "port 80 or 443"',
  ],
  ['"tcp"', 'there is no such sign as """ at column 1', "Leave the quotes out"],
  ["port 80 or constructor", 'no port has the name "constructor" at column 12', "Write its number"],
];

for (const [text, same] of SAME) {
  Deno.test(`parseFilter() takes "${text}" for "${same}"`, () => {
    assert.deepEqual(meaning(text), meaning(same));
  });
}

for (const [text, reason, hint] of REFUSED) {
  Deno.test(`parseFilter() says what is wrong when it is "${text}"`, () => {
    assert.throws(() => parseFilter(text), (error: unknown) => {
      assert.ok(error instanceof FilterError);
      assert.deepEqual([error.reason, error.hint], [reason, hint]);
      return true;
    });
  });
}

Deno.test("parseFilter() refuses what is nested without end when the text is long", () => {
  for (const start of ["(", "not ", "!", "len = (", "port (", "port !", "len = -", "len ^ "]) {
    assert.throws(() => parseFilter(start.repeat(100_000)), InvalidValue);
  }
});

Deno.test("parseFilter() understands or refuses what is put together of its words", () => {
  const signs = [..."()[]:/&|=<>!-+^%*", "&&", "||", "10.0.0.1", "10", "::1", "1:2:3:4:5:6", "a-b"];
  const word = fc.constantFrom(...ALL_WORDS, ...signs);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      try {
        parseFilter(words.join(" "));
      } catch (error) {
        assert.ok(error instanceof FilterError, String(error));
        assert.ok(error.hint, `no next step: ${error.reason}`);
        // What is offered to be written in the place of all can be understood.
        const [, example] = /^Write it as in "([^"]+)"$/.exec(error.hint) ?? [];
        if (example !== undefined) parseFilter(example);
      }
    }),
    { numRuns: 20_000, seed: 0x0f17 },
  );
});
