/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The wire contract between the BPF programs and user space: one fixed-size record per packet.
 *
 * src/contract/record_layout.ts repeats these offsets; a test compares both with the BTF inside the compiled
 * object. Numbers are in host byte order, converted once where the field is filled. Addresses are
 * byte strings in network order. Every byte of the record is written: a field whose `present` bit is
 * clear is 0.
 */
#ifndef INSPECTOR_EVENT_H
#define INSPECTOR_EVENT_H

/* `present`: which groups of columns this packet has. A clear bit becomes NULL in the file. */
enum event_present {
	PRESENT_MAC = 1 << 0,       /* both MAC addresses */
	PRESENT_ETHERTYPE = 1 << 1, /* ethertype, after VLAN tags and SNAP */
	PRESENT_PROTOCOL = 1 << 2,  /* the protocol can be named (ethertype or IEEE 802.3 LLC) */
	PRESENT_VLAN = 1 << 3,      /* vlan_id */
	PRESENT_IP = 1 << 4,        /* addresses, ip_protocol, ttl, traffic_class, fragment flag */
	PRESENT_PORTS = 1 << 5,     /* source_port, destination_port */
	PRESENT_TCP = 1 << 6,       /* tcp_flags, tcp_sequence, tcp_acknowledgment, tcp_window */
	PRESENT_ICMP = 1 << 7,      /* icmp_type, icmp_code */
	PRESENT_PAYLOAD = 1 << 8,   /* payload_length */
};

/* `flags`: properties that are not columns of their own or need one bit only. */
enum event_flags {
	EVENT_FRAGMENT = 1 << 0, /* part of a fragmented datagram: offset not 0, or more to come */
	EVENT_IPV6 = 1 << 1,     /* IPv6 when set, IPv4 when clear; meaningless without PRESENT_IP */
	EVENT_LLC = 1 << 2,      /* IEEE 802.3 length frame without SNAP: `ethertype` is 0 */
};

struct packet_event {
	__u64 timestamp_ns;            /* CLOCK_MONOTONIC, nanoseconds */
	__u8 source_address[16];       /* network order; IPv4 in the first four bytes, rest 0 */
	__u8 destination_address[16];  /* as source_address */
	__u8 destination_mac[6];       /* in frame order */
	__u8 source_mac[6];
	__u32 packet_length;           /* frame bytes on the wire without FCS */
	__u32 payload_length;          /* bytes after the layer 4 header, by the IP length fields */
	__u32 tcp_sequence;
	__u32 tcp_acknowledgment;
	__u16 ethertype;               /* after VLAN tags and SNAP; that of PPPoE is not passed over */
	__u16 vlan_id;                 /* outer tag, 12 bits */
	__u16 source_port;
	__u16 destination_port;
	union {
		__u16 tcp_window;      /* as sent, not scaled */
		struct {
			__u8 icmp_type;
			__u8 icmp_code;
		};
	};
	__u16 segments;                /* wire packets in this skb (GSO), else 1 */
	__u16 present;                 /* enum event_present */
	__u8 attachment;               /* that saw the packet: config.attachment */
	__u8 ip_protocol;              /* first header that is not a followed IPv6 extension header */
	__u8 ttl;                      /* IPv4 TTL or IPv6 hop limit */
	__u8 traffic_class;            /* DSCP (upper six bits) and ECN (lower two) */
	__u8 tcp_flags;                /* CWR ECE URG ACK PSH RST SYN FIN, FIN is bit 0 */
	__u8 flags;                    /* enum event_flags */
};

_Static_assert(sizeof(struct packet_event) == 88, "record size is part of the contract");
_Static_assert(__builtin_offsetof(struct packet_event, packet_length) == 52, "no hidden padding");
_Static_assert(__builtin_offsetof(struct packet_event, present) == 80, "no hidden padding");

/*
 * A place in a ring. A record has a position, counted from 0 when the ring is made; its slot is the
 * position modulo the number of slots.
 */
struct ring_slot {
	__u32 ready;     /* low half of (position + 1), once the record is complete */
	__u32 discarded; /* 1 = nobody's record: pass over it */
	struct packet_event event;
};

_Static_assert(sizeof(struct ring_slot) == 96, "slot size is part of the contract");

/* How far both sides of one ring are, each in cache lines of its own. */
struct ring_positions {
	__u64 consumer; /* written by user space: positions before it are free again */
	__u64 after_consumer[15];
	__u64 producer; /* positions before it are taken */
	__u64 after_producer[15];
};

/*
 * One per CPU and attachment. Packets, unless the name says otherwise. Exactly:
 * seen = captured + sampled_out + filtered + ring_full + queue_full.
 */
struct packet_counters {
	__u64 seen;           /* packets this attachment was given while capturing */
	__u64 captured;       /* records published in a ring */
	__u64 captured_bytes; /* sum of packet_length over them */
	__u64 sampled_out;    /* left out on purpose, by the sampling rate */
	__u64 filtered;       /* left out on purpose, by the filter */
	__u64 ring_full;      /* lost: no room in the ring, the reader was too slow */
	__u64 queue_full;     /* lost: no room in the ring, because the writer was too slow */
	__u64 parse_limit;    /* captured, but with more VLAN tags or IPv6 headers than are followed */
};

_Static_assert(sizeof(struct packet_counters) == 64, "counter block size is part of the contract");

/* A packet that the filter has not seen. */
struct unfiltered_packet {
	struct packet_event event;
	__u64 parsed; /* as parse_frame() returns it */
};

/* Key of the statistics map: an IPv4 sender is stored as an IPv4-mapped address (RFC 4291, 2.5.5.2). */
struct sender_key {
	__u8 address[16];
};

struct sender_counters {
	__u64 packets;
	__u64 bytes;
};

/* Settings, constant after load: the verifier removes what they switch off. */
struct inspector_config {
	__u64 capture_limit;   /* stop after this many records over all CPUs; 0 = no limit */
	__u32 wakeup_interval; /* wake the reader every n-th record of a CPU; power of two, at least 1 */
	__u32 sample_rate;     /* keep one packet in so many, by chance; 0 and 1 keep all */
	__u32 ring_slots;      /* slots of each ring, a power of two */
	__u32 ring_limit;      /* of them in use at most; see claim_record() */
	__u8 attachment;       /* copied into every record */
	__u8 sender_statistics; /* 1 = estimate traffic by source address for the live status */
	__u16 rings;           /* number of rings, a power of two; CPU n writes to ring n % rings */
	__u8 filter;           /* 1 = only what filter_matches() says is recorded */
	__u8 bare;             /* 1 = the interface has no Ethernet header; at TC only */
	__u8 reserved[2];
};

_Static_assert(sizeof(struct inspector_config) == 32, "config size is part of the contract");

#endif
