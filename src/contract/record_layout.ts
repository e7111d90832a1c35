/**
 * The record that the BPF programs write, as byte offsets: the user-space half of `bpf/event.h`.
 * A test compares every constant here with the BTF inside the compiled object.
 *
 * Numbers are in host byte order (little-endian on every supported machine), addresses are byte
 * strings in network order.
 *
 * @module
 */

/** Bytes of one `struct packet_event`, without the 8-byte header of its slot. */
export const RECORD_BYTES = 88;

/** Byte offset of each field of `struct packet_event`. */
export const RECORD_OFFSET = {
  timestamp_ns: 0,
  source_address: 8,
  destination_address: 24,
  destination_mac: 40,
  source_mac: 46,
  packet_length: 52,
  payload_length: 56,
  tcp_sequence: 60,
  tcp_acknowledgment: 64,
  ethertype: 68,
  vlan_id: 70,
  source_port: 72,
  destination_port: 74,
  tcp_window: 76,
  icmp_type: 76,
  icmp_code: 77,
  segments: 78,
  present: 80,
  attachment: 82,
  ip_protocol: 83,
  ttl: 84,
  traffic_class: 85,
  tcp_flags: 86,
  flags: 87,
} as const;

/** Bits of `present` (`enum event_present`): a clear bit becomes NULL in the file. */
export const PRESENT = {
  MAC: 1 << 0,
  ETHERTYPE: 1 << 1,
  PROTOCOL: 1 << 2,
  VLAN: 1 << 3,
  IP: 1 << 4,
  PORTS: 1 << 5,
  TCP: 1 << 6,
  ICMP: 1 << 7,
  PAYLOAD: 1 << 8,
} as const;

/** Bits of `flags` (`enum event_flags`). */
export const EVENT_FLAG = {
  FRAGMENT: 1 << 0,
  IPV6: 1 << 1,
  LLC: 1 << 2,
} as const;

/** Bytes of one `struct ring_slot`. */
export const SLOT_BYTES = 96;

/** Byte offset of each field of `struct ring_slot`. */
export const SLOT_OFFSET = { ready: 0, discarded: 4, event: 8 } as const;

/** Bytes of one `struct ring_positions`. */
export const POSITIONS_BYTES = 256;

/** Byte offset of each word of `struct ring_positions` that is used. */
export const POSITION_OFFSET = { consumer: 0, producer: 128 } as const;

/** Bytes of one `struct packet_counters`. */
export const COUNTERS_BYTES = 64;

/** Index of each 64-bit counter in `struct packet_counters`. */
export const COUNTER_INDEX = {
  seen: 0,
  captured: 1,
  captured_bytes: 2,
  sampled_out: 3,
  filtered: 4,
  ring_full: 5,
  queue_full: 6,
  parse_limit: 7,
} as const;

/** Bytes of one `struct inspector_config`, the whole of the object's `.rodata`. */
export const CONFIG_BYTES = 32;

/** Byte offset of each field of `struct inspector_config`. */
export const CONFIG_OFFSET = {
  capture_limit: 0,
  wakeup_interval: 8,
  sample_rate: 12,
  ring_slots: 16,
  ring_limit: 20,
  attachment: 24,
  sender_statistics: 25,
  rings: 26,
  filter: 28,
  bare: 29,
} as const;

/** Bytes of the key (an IPv6 or IPv4-mapped address) and the value of the sender statistics map. */
export const SENDER_KEY_BYTES = 16;
export const SENDER_VALUE_BYTES = 16;
