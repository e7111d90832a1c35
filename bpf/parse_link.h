/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * What can stand between the MAC addresses and IP besides a VLAN tag or two: more tags, LLC with SNAP,
 * PPPoE. It is rare, so it lives in functions of their own, as the IPv6 extension headers do.
 */
#ifndef INSPECTOR_PARSE_LINK_H
#define INSPECTOR_PARSE_LINK_H

#include <linux/if_ether.h>
#include <linux/ppp_defs.h>

#include "frame.h"

/* Tags that are followed, also one that is beside the data. IEEE 802.1Q sets no bound. */
#define MAX_VLAN_TAGS 8
#define VLAN_TAG_BYTES 4
#define ETHERTYPE_QINQ_OLD 0x9100 /* 802.1ad before it had its own number; still in use */

struct vlan_tag {
	__be16 tci;
	__be16 ethertype;
};

/* IEEE 802.2 header of SNAP (IEEE 802, 9.2), and what RFC 1042 puts behind it. */
struct snap_header {
	__u8 llc[3];
	__u8 organization[3];
	__be16 ethertype;
};

/* RFC 2516, 4, with the protocol number of PPP: RFC 1661, 2. */
struct pppoe_header {
	__u8 version_and_type;
	__u8 code;
	__be16 session;
	__be16 length; /* from `protocol` on */
	__u8 protocol[2];
};

#define PPPOE_VERSION_AND_TYPE 0x11
#define PPPOE_SESSION_DATA 0

#define PPPOE_BYTES 6 /* without the protocol number */

/* Follows from the above: 14 + 8 * 4 + 8 + 8 is below; a mask for the verifier. */
#define LINK_OFFSET_MASK 0x3f

enum link_end {
	LINK_ETHERTYPE, /* `ethertype` is the last one */
	LINK_LLC,       /* a length in the place of the ethertype, and no SNAP that has one */
	LINK_CUT,       /* the frame ends within a tag */
	LINK_TOO_LONG,  /* as LINK_ETHERTYPE, but it is the number of a tag that is not followed */
};

/* Fits a register, which is all that a function verified on its own can return. */
struct link {
	__u16 ethertype; /* behind tags and SNAP; that of PPPoE stays */
	__u16 network;   /* ethertype of what starts at `offset`: differs behind PPPoE only */
	__u8 offset;
	__u8 end; /* enum link_end */
	__u16 reserved;
};

union packed_link {
	struct link link;
	__u64 word;
};

static __always_inline bool is_vlan(__u32 ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD ||
	       ethertype == ETHERTYPE_QINQ_OLD;
}

/* Ethertype behind LLC and SNAP; 0 if there is none. `length` is what the frame says in its place. */
static __always_inline __u32 snap_ethertype(struct frame *frame, __u32 offset, __u32 length)
{
	struct scratch scratch;
	const struct snap_header *snap;

	if (length < sizeof(*snap) ||
	    !header_at(frame, offset, sizeof(*snap), &scratch, (const void **)&snap))
		return 0;
	if (snap->llc[0] != 0xaa || snap->llc[1] != 0xaa || snap->llc[2] != 0x03)
		return 0;
	/* 00-00-00: RFC 1042. 00-00-f8: IEEE 802.1H. Others number protocols of their own. */
	if (snap->organization[0] || snap->organization[1] ||
	    (snap->organization[2] && snap->organization[2] != 0xf8))
		return 0;
	return bpf_ntohs(snap->ethertype);
}

/* Bytes of the headers of PPPoE and PPP before an IP header, and whose that is; 0 if there is none. */
static __always_inline __u32 pppoe_bytes(struct frame *frame, __u32 offset, __u16 *network)
{
	struct scratch scratch;
	const struct pppoe_header *pppoe;
	__u32 protocol, number_bytes = 2;

	if (!header_at(frame, offset, sizeof(*pppoe), &scratch, (const void **)&pppoe))
		return 0;
	if (pppoe->version_and_type != PPPOE_VERSION_AND_TYPE || pppoe->code != PPPOE_SESSION_DATA)
		return 0;
	protocol = pppoe->protocol[0];
	/* Odd: all of it, compressed. RFC 1661, 6.5; RFC 2516, 7 advises against it, no more. */
	if (protocol & 1)
		number_bytes = 1;
	else
		protocol = protocol << 8 | pppoe->protocol[1];
	if (bpf_ntohs(pppoe->length) < number_bytes)
		return 0; /* what looks like the number lies behind the packet */
	if (protocol == PPP_IP)
		*network = ETH_P_IP;
	else if (protocol == PPP_IPV6)
		*network = ETH_P_IPV6;
	else
		return 0;
	return PPPOE_BYTES + number_bytes;
}

static __always_inline __u64 walk_link(struct frame *frame, __u32 offset, __u32 ethertype)
{
	union packed_link packed = { .link = { .end = LINK_ETHERTYPE } };
	__u32 tags = (offset - ETH_HLEN) / VLAN_TAG_BYTES + frame->has_metadata_tag;

	for (int round = 0; round < MAX_VLAN_TAGS; round++) {
		struct scratch scratch;
		const struct vlan_tag *tag;

		if (!is_vlan(ethertype) || tags >= MAX_VLAN_TAGS)
			break;
		if (!header_at(frame, offset, VLAN_TAG_BYTES, &scratch, (const void **)&tag)) {
			packed.link.end = LINK_CUT;
			return packed.word;
		}
		ethertype = bpf_ntohs(tag->ethertype);
		offset += VLAN_TAG_BYTES;
		tags++;
	}
	if (is_vlan(ethertype)) {
		packed.link.end = LINK_TOO_LONG;
	} else if (ethertype < ETH_P_802_3_MIN) { /* IEEE 802.3, 3.2.6: a length, not a type */
		ethertype = snap_ethertype(frame, offset, ethertype);
		offset += sizeof(struct snap_header);
		if (ethertype < ETH_P_802_3_MIN)
			packed.link.end = LINK_LLC;
	}
	packed.link.ethertype = ethertype;
	packed.link.network = ethertype;
	if (ethertype == ETH_P_PPP_SES)
		offset += pppoe_bytes(frame, offset, &packed.link.network);
	packed.link.offset = offset;
	return packed.word;
}

/* Not static, so that the verifier takes it on its own; same for TC below. */
__noinline __u64 walk_link_xdp(struct xdp_md *ctx, __u32 offset, __u32 ethertype)
{
	struct frame frame = xdp_frame(ctx, ACCESS_COPY);

	return walk_link(&frame, offset, ethertype);
}

__noinline __u64 walk_link_tc(struct __sk_buff *skb, __u32 offset, __u32 ethertype)
{
	struct frame frame = tc_frame(skb, ACCESS_COPY);

	return walk_link(&frame, offset, ethertype);
}

/* Whether `ethertype` announces something that follow_link() follows. */
static __always_inline bool is_wrapping(__u32 ethertype)
{
	return ethertype < ETH_P_802_3_MIN || ethertype == ETH_P_PPP_SES || is_vlan(ethertype);
}

/* Follows what stands at `offset`, where `ethertype` says what it is, to the network layer. */
static __always_inline struct link follow_link(struct frame *frame, __u32 offset, __u32 ethertype)
{
	union packed_link packed;

	if (frame->hook == HOOK_XDP)
		packed.word = walk_link_xdp(frame->ctx, offset, ethertype);
	else
		packed.word = walk_link_tc(frame->ctx, offset, ethertype);
	packed.link.offset &= LINK_OFFSET_MASK;
	return packed.link;
}

#endif
