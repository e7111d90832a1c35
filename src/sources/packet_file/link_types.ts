/**
 * Link types of packet files: which are read, and what others are called.
 *
 * @module
 */

/** What stands before the network layer, as `enum packet_link` of `bpf/packet_link.h`. */
export const LINK = { ETHERNET: 0, RAW: 1, COOKED: 2, COOKED2: 3, FAMILY: 4 } as const;

export type Link = (typeof LINK)[keyof typeof LINK];

/**
 * By number in a file: www.tcpdump.org/linktypes.html. 12 and 14 are what systems have for 101 in their
 * own numbers, and some programs write.
 */
const LINKS: Readonly<Record<number, Link>> = {
  0: LINK.FAMILY,
  1: LINK.ETHERNET,
  12: LINK.RAW,
  14: LINK.RAW,
  101: LINK.RAW,
  108: LINK.FAMILY,
  113: LINK.COOKED,
  228: LINK.RAW,
  229: LINK.RAW,
  276: LINK.COOKED2,
};

/** Names, without `LINKTYPE_`, of those that are met most often and not read. */
const NAMES: Readonly<Record<number, string>> = {
  3: "AX25",
  6: "IEEE802_5",
  7: "ARCNET_BSD",
  8: "SLIP",
  9: "PPP",
  10: "FDDI",
  50: "PPP_HDLC",
  51: "PPP_ETHER",
  100: "ATM_RFC1483",
  104: "C_HDLC",
  105: "IEEE802_11",
  107: "FRELAY",
  117: "PFLOG",
  119: "IEEE802_11_PRISM",
  122: "IP_OVER_FC",
  127: "IEEE802_11_RADIOTAP",
  143: "DOCSIS",
  147: "USER0",
  163: "IEEE802_11_AVS",
  165: "BACNET_MS_TP",
  166: "PPP_PPPD",
  177: "LINUX_LAPD",
  187: "BLUETOOTH_HCI_H4",
  189: "USB_LINUX",
  192: "PPI",
  195: "IEEE802_15_4_WITHFCS",
  201: "BLUETOOTH_HCI_H4_WITH_PHDR",
  204: "PPP_WITH_DIR",
  220: "USB_LINUX_MMAPPED",
  224: "FC_2",
  227: "CAN_SOCKETCAN",
  230: "IEEE802_15_4_NOFCS",
  231: "DBUS",
  239: "NFLOG",
  240: "NETANALYZER",
  242: "IPOIB",
  243: "MPEG_2_TS",
  245: "NFC_LLCP",
  249: "USBPCAP",
  251: "BLUETOOTH_LE_LL",
  252: "WIRESHARK_UPPER_PDU",
  253: "NETLINK",
  254: "BLUETOOTH_LINUX_MONITOR",
  256: "BLUETOOTH_LE_LL_WITH_PHDR",
  258: "PKTAP",
  272: "NORDIC_BLE",
  283: "IEEE802_15_4_TAP",
  288: "USB_2_0",
};

/** How packets of link type `number` are parsed; undefined if they are not. */
export function linkOf(number: number): Link | undefined {
  return LINKS[number];
}

/** Link type `number` as it is said: `105 (IEEE802_11)`. */
export function linkTypeText(number: number): string {
  const name = NAMES[number];
  return name === undefined ? String(number) : `${number} (${name})`;
}
