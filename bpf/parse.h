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

/* Tags that are followed: an outer one (IEEE 802.1ad) and an inner one (802.1Q). */
#define MAX_VLAN_TAGS 2
#define VLAN_TAG_BYTES 4
#define VLAN_TCI_BYTES 2
#define VLAN_ID_MASK 0x0fff
#define ETHERTYPE_QINQ_OLD 0x9100 /* 802.1ad before it had its own number; still in use */

struct vlan_tag {
	__be16 tci;
	__be16 ethertype;
};

/* Beside the `present` bits in a parser's result: the IPv6 header chain was not followed to its end. */
#define PARSED_CHAIN_TOO_LONG (1 << 16)

static __always_inline bool is_vlan(__u32 ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD ||
	       ethertype == ETHERTYPE_QINQ_OLD;
}

static __always_inline __u32 set_vlan(struct packet_event *event, __u32 tci)
{
	event->vlan_id = tci & VLAN_ID_MASK;
	return PRESENT_VLAN;
}

/*
 * Follows the tags. Returns the ethertype behind them and moves *offset there; returns a negative
 * number when the frame ends within a tag.
 */
static __always_inline int follow_vlan_tags(struct frame *frame, struct packet_event *event,
					    __u32 ethertype, __u32 *offset, __u32 *present)
{
	/* The kernel takes the outer tag out of the data on most paths to TC. */
	int tags = frame->has_metadata_tag ? 1 : 0;

	if (frame->has_metadata_tag)
		*present |= set_vlan(event, frame->metadata_tag);
	for (int round = 0; round < MAX_VLAN_TAGS; round++) {
		struct scratch scratch;
		const struct vlan_tag *tag;
		const __be16 *tci;

		if (!is_vlan(ethertype) || tags == MAX_VLAN_TAGS)
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
 * Fills the fields of `event`, all 0 until then, that come from the packet's bytes. Returns the
 * `present` bits and PARSED_CHAIN_TOO_LONG.
 */
static __always_inline __u32 parse_frame(struct frame *frame, struct packet_event *event)
{
	struct scratch scratch;
	const struct ethhdr *ethernet;
	__u32 present = PRESENT_MAC;
	__u32 offset = ETH_HLEN;
	int ethertype;

	if (!header_at(frame, 0, ETH_HLEN, &scratch, (const void **)&ethernet))
		return 0;
	copy_macs(event, ethernet);
	ethertype = follow_vlan_tags(frame, event, bpf_ntohs(ethernet->h_proto), &offset, &present);
	if (ethertype < 0)
		return present;
	present |= PRESENT_PROTOCOL;
	if (ethertype < ETH_P_802_3_MIN) { /* IEEE 802.3, 3.2.6: a length, not a type */
		event->flags = EVENT_LLC;
		return present;
	}
	event->ethertype = ethertype;
	present |= PRESENT_ETHERTYPE;
	return present | parse_network(frame, event, ethertype, offset);
}

#endif
