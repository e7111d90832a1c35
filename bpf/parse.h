/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Layer 2 and the entry of the parser. A packet that ends early, or says something else than it is,
 * is still a record: with the fields that are really there.
 */
#ifndef INSPECTOR_PARSE_H
#define INSPECTOR_PARSE_H

#include <linux/if_ether.h>

#include "event.h"
#include "frame.h"
#include "parse_ip.h"
#include "parse_link.h"

/* Tags that are read in place: an outer one (IEEE 802.1ad) and an inner one (802.1Q). */
#define USUAL_VLAN_TAGS 2
#define VLAN_TCI_BYTES 2
#define VLAN_ID_MASK 0x0fff

/* Beside the `present` bits in a parser's result: tags or IPv6 headers were not followed to the end. */
#define PARSED_CHAIN_TOO_LONG (1 << 16)

static __always_inline __u32 set_vlan(struct packet_event *event, __u32 tci)
{
	event->vlan_id = tci & VLAN_ID_MASK;
	return PRESENT_VLAN;
}

/*
 * Follows the tags, at most USUAL_VLAN_TAGS. Returns the ethertype behind them and moves *offset there; returns a negative
 * number when the frame ends within a tag.
 */
static __always_inline int follow_vlan_tags(struct frame *frame, struct packet_event *event,
					    __u32 ethertype, __u32 *offset, __u32 *present)
{
	/* The kernel takes the outer tag out of the data on most paths to TC. */
	int tags = frame->has_metadata_tag ? 1 : 0;

	if (frame->has_metadata_tag)
		*present |= set_vlan(event, frame->metadata_tag);
	for (int round = 0; round < USUAL_VLAN_TAGS; round++) {
		struct scratch scratch;
		const struct vlan_tag *tag;
		const __be16 *tci;

		/* What most packets are is asked first, so that they pass one test, not three. */
		if (ethertype == ETH_P_IP || !is_vlan(ethertype) || tags == USUAL_VLAN_TAGS)
			break;
		if (!header_at(frame, *offset, VLAN_TAG_BYTES, &scratch, (const void **)&tag)) {
			if (tags == 0 && header_at(frame, *offset, VLAN_TCI_BYTES, &scratch,
						   (const void **)&tci))
				*present |= set_vlan(event, bpf_ntohs(*tci));
			return -1;
		}
		if (tags == 0)
			*present |= set_vlan(event, bpf_ntohs(tag->tci));
		ethertype = bpf_ntohs(tag->ethertype);
		*offset += VLAN_TAG_BYTES;
		tags++;
	}
	return ethertype;
}

/* Both addresses in one go: they lie side by side, in the same order, in frame and record. */
static __always_inline void copy_macs(struct packet_event *event, const struct ethhdr *ethernet)
{
	_Static_assert(__builtin_offsetof(struct packet_event, source_mac) ==
		       __builtin_offsetof(struct packet_event, destination_mac) + ETH_ALEN, "");
	*(__u64 *)event->destination_mac = *(const __u64 *)ethernet;
	((__u32 *)event->destination_mac)[2] = ((const __u32 *)ethernet)[2];
}

/* `ethertype` is that of what starts at `offset`. */
static __always_inline __u32 parse_network(struct frame *frame, struct packet_event *event,
					   __u32 ethertype, __u32 offset)
{
	struct transport transport = { 0 };
	enum network network = NETWORK_INVALID;

	if (ethertype == ETH_P_IP)
		network = parse_ipv4(frame, event, offset, &transport);
	else if (ethertype == ETH_P_IPV6)
		network = parse_ipv6(frame, event, offset, &transport);
	switch (network) {
	case NETWORK_INVALID:
		return 0;
	case NETWORK_ONLY:
		return PRESENT_IP;
	case NETWORK_TRUNCATED:
		return PRESENT_IP | PARSED_CHAIN_TOO_LONG;
	case NETWORK_TRANSPORT:
		return PRESENT_IP | parse_transport(frame, event, &transport);
	}
}

/*
 * As parse_frame(), without an Ethernet header; `ethertype` is told from outside. Without one in the
 * packet the protocol has a name only if there is an IP header.
 */
static __always_inline __u32 parse_bare(struct frame *frame, struct packet_event *event,
					__u32 ethertype, __u32 offset)
{
	const __u32 present = parse_network(frame, event, ethertype, offset);

	return present & PRESENT_IP ? present | PRESENT_PROTOCOL : present;
}

/* What stands behind an Ethernet header with this `ethertype`. */
static __always_inline __u32 parse_link(struct frame *frame, struct packet_event *event,
					__u32 first_ethertype)
{
	__u32 present = 0;
	__u32 offset = ETH_HLEN;
	__u32 network;
	int ethertype = follow_vlan_tags(frame, event, first_ethertype, &offset, &present);

	if (ethertype < 0)
		return present;
	network = ethertype;
	if (is_wrapping(ethertype)) {
		const struct link link = follow_link(frame, offset, ethertype);

		if (link.end == LINK_CUT)
			return present;
		if (link.end == LINK_LLC) {
			event->flags = EVENT_LLC;
			return present | PRESENT_PROTOCOL;
		}
		if (link.end == LINK_TOO_LONG)
			present |= PARSED_CHAIN_TOO_LONG;
		ethertype = link.ethertype;
		network = link.network;
		offset = link.offset;
	}
	event->ethertype = ethertype;
	present |= PRESENT_PROTOCOL | PRESENT_ETHERTYPE;
	return present | parse_network(frame, event, network, offset);
}

/*
 * Fills the fields of `event`, all 0 until then, that come from the packet's bytes. Returns the
 * `present` bits and PARSED_CHAIN_TOO_LONG.
 */
static __always_inline __u32 parse_frame(struct frame *frame, struct packet_event *event)
{
	struct scratch scratch;
	const struct ethhdr *ethernet;

	if (!header_at(frame, 0, ETH_HLEN, &scratch, (const void **)&ethernet))
		return 0;
	copy_macs(event, ethernet);
	return PRESENT_MAC | parse_link(frame, event, bpf_ntohs(ethernet->h_proto));
}

#endif
