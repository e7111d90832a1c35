/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Link types of packet files: what stands before the network layer. There is no Ethernet header in most
 * of them, so no MAC addresses.
 */
#ifndef INSPECTOR_PACKET_LINK_H
#define INSPECTOR_PACKET_LINK_H

#include "parse.h"

/* src/sources/packet_file/link_types.ts has the numbers that files use for them. */
enum packet_link {
	LINK_IS_ETHERNET,
	LINK_IS_RAW,     /* an IP header, whose version says which */
	LINK_IS_COOKED,  /* Linux cooked capture, version 1 */
	LINK_IS_COOKED2, /* Linux cooked capture, version 2 */
	LINK_IS_FAMILY,  /* BSD loopback: an address family in any byte order */
};

/* www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html */
struct cooked_header {
	__be16 packet_type;
	__be16 hardware_type;
	__be16 address_length;
	__u8 address[8];
	__be16 protocol;
};

/* www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html */
struct cooked2_header {
	__be16 protocol;
	__be16 reserved;
	__be32 interface;
	__be16 hardware_type;
	__u8 packet_type;
	__u8 address_length;
	__u8 address[8];
};

_Static_assert(sizeof(struct cooked_header) == 16, "no hidden padding");
_Static_assert(sizeof(struct cooked2_header) == 20, "no hidden padding");

/* Devices, by linux/if_arp.h, whose protocol number in a cooked header is no EtherType: both pages. */
#define HARDWARE_FRAME_RELAY 770
#define HARDWARE_RADIOTAP 803
#define HARDWARE_NETLINK 824

#define FAMILY_BYTES 4

/* Sockets' numbers of IP, and all that systems have for IPv6: www.tcpdump.org/linktypes.html, NULL. */
#define FAMILY_INET 2
#define FAMILY_INET6_LINUX 10
#define FAMILY_INET6_NETBSD 24
#define FAMILY_INET6_FREEBSD 28
#define FAMILY_INET6_DARWIN 30

/* What the link says of the layer above. */
struct above {
	__u32 ethertype; /* 0: nothing that can be read */
	__u32 offset;
};

/* As the first four bits say: RFC 791, 3.1 and RFC 8200, 3. */
static __always_inline struct above above_raw(struct frame *frame)
{
	struct scratch scratch;
	const __u8 *version;

	if (!header_at(frame, 0, 1, &scratch, (const void **)&version))
		return (struct above){ 0 };
	return (struct above){ *version >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP, 0 };
}

static __always_inline struct above above_family(struct frame *frame)
{
	struct scratch scratch;
	const __u8 *bytes;

	if (!header_at(frame, 0, FAMILY_BYTES, &scratch, (const void **)&bytes))
		return (struct above){ 0 };
	/* All are below 256, so the byte order can be seen; in LINKTYPE_LOOP it is that of the network. */
	if (bytes[1] || bytes[2] || (bytes[0] && bytes[3]))
		return (struct above){ 0 };
	switch (bytes[0] | bytes[3]) {
	case FAMILY_INET:
		return (struct above){ ETH_P_IP, FAMILY_BYTES };
	case FAMILY_INET6_LINUX:
	case FAMILY_INET6_NETBSD:
	case FAMILY_INET6_FREEBSD:
	case FAMILY_INET6_DARWIN:
		return (struct above){ ETH_P_IPV6, FAMILY_BYTES };
	default:
		return (struct above){ 0 };
	}
}

/* What a cooked header says; as to `offset`, what follows it is as behind an Ethernet header. */
static __always_inline struct above above_cooked(__u32 hardware_type, __u32 protocol, __u32 offset)
{
	if (hardware_type == HARDWARE_FRAME_RELAY || hardware_type == HARDWARE_RADIOTAP ||
	    hardware_type == HARDWARE_NETLINK)
		return (struct above){ 0 };
	if (protocol == ETH_P_802_2)
		protocol = ETH_P_802_3_MIN - 1; /* as the longest IEEE 802.3 frame */
	else if (protocol < ETH_P_802_3_MIN)
		return (struct above){ 0 }; /* other numbers of Linux's own: linux/if_ether.h */
	return (struct above){ protocol, offset };
}

static __always_inline struct above above_cooked1(struct frame *frame)
{
	struct scratch scratch;
	const struct cooked_header *cooked;

	if (!header_at(frame, 0, sizeof(*cooked), &scratch, (const void **)&cooked))
		return (struct above){ 0 };
	return above_cooked(bpf_ntohs(cooked->hardware_type), bpf_ntohs(cooked->protocol),
			    sizeof(*cooked));
}

static __always_inline struct above above_cooked2(struct frame *frame)
{
	struct scratch scratch;
	const struct cooked2_header *cooked;

	if (!header_at(frame, 0, sizeof(*cooked), &scratch, (const void **)&cooked))
		return (struct above){ 0 };
	return above_cooked(bpf_ntohs(cooked->hardware_type), bpf_ntohs(cooked->protocol),
			    sizeof(*cooked));
}

/* As parse_frame(), for any link type. */
static __always_inline __u32 parse_packet(struct frame *frame, struct packet_event *event,
					  enum packet_link link)
{
	struct above above;
	__u32 surplus;

	switch (link) {
	case LINK_IS_ETHERNET:
		return parse_frame(frame, event);
	case LINK_IS_RAW:
		above = above_raw(frame);
		return parse_bare(frame, event, above.ethertype, above.offset);
	case LINK_IS_FAMILY:
		above = above_family(frame);
		return parse_bare(frame, event, above.ethertype, above.offset);
	case LINK_IS_COOKED:
		above = above_cooked1(frame);
		break;
	case LINK_IS_COOKED2:
		above = above_cooked2(frame);
		break;
	default:
		return 0;
	}
	if (!above.ethertype)
		return 0;
	/* As if the header was as long as Ethernet's: the rest of the parser counts from there. */
	surplus = above.offset - ETH_HLEN;
	frame->data += surplus;
	frame->available -= surplus;
	frame->length -= frame->length < surplus ? frame->length : surplus;
	return parse_link(frame, event, above.ethertype);
}

#endif
