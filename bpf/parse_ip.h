/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Layer 3: the fixed headers of IPv4 and IPv6, and where layer 4 starts.
 */
#ifndef INSPECTOR_PARSE_IP_H
#define INSPECTOR_PARSE_IP_H

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "event.h"
#include "extensions.h"
#include "frame.h"
#include "parse_transport.h"

/* RFC 791, 3.1: flags and fragment offset share one field. */
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_FRAGMENT_OFFSET 0x1fff

/* The most that a length field can say. */
#define MAX_IP_LENGTH 0xffff

/* A hop-by-hop header that starts with the option of a jumbogram: RFC 8200, 4.3 and RFC 2675, 2. */
struct jumbo_header {
	__u8 next;
	__u8 length;
	__u8 option;
	__u8 option_length;
	__be32 payload_length; /* as that of IPv6, which is 0 then */
};

#define JUMBO_OPTION_BYTES 4

enum network {
	NETWORK_INVALID,   /* no IP header that can be trusted: not an IP packet */
	NETWORK_ONLY,      /* IP, but layer 4 is missing, unknown, or in another fragment */
	NETWORK_TRUNCATED, /* as NETWORK_ONLY: the IPv6 chain is longer than is followed */
	NETWORK_TRANSPORT, /* `transport` is filled */
};

/*
 * End of a packet whose length field, which counts from `start`, is 0. That of a packet above 64 KiB
 * is: the kernel makes such by GSO and GRO (iph_totlen() in include/linux/ip.h, ipv6_gro_complete() in
 * net/ipv6/ip6_offload.c). XDP does not know the segments, but the bytes. A shorter one says nothing.
 */
static __always_inline __u32 end_without_length(const struct frame *frame, __u32 start)
{
	if (frame->segments > 1 || frame->length > start + MAX_IP_LENGTH)
		return frame->length;
	return start;
}

/* As end_without_length(), for IPv6: `transport` is where the first header behind the fixed one is. */
static __always_inline __u32 end_of_jumbogram(struct frame *frame,
					      const struct transport *transport)
{
	struct scratch scratch;
	const struct jumbo_header *jumbo;
	__u32 length;

	if (transport->protocol != IPPROTO_HOPOPTS ||
	    !header_at(frame, transport->offset, sizeof(*jumbo), &scratch, (const void **)&jumbo) ||
	    jumbo->option != IPV6_TLV_JUMBO || jumbo->option_length != JUMBO_OPTION_BYTES)
		return end_without_length(frame, transport->offset);
	length = bpf_ntohl(jumbo->payload_length);
	if (length <= MAX_IP_LENGTH) /* RFC 2675, 3: an error */
		return end_without_length(frame, transport->offset);
	if (length > frame->length)
		length = frame->length; /* still behind the end, and no overflow */
	return transport->offset + length;
}

static __always_inline enum network parse_ipv4(struct frame *frame, struct packet_event *event,
					       __u32 offset, struct transport *transport)
{
	struct scratch scratch;
	const struct iphdr *ip;
	__u32 total_length, fragment;

	if (!header_at(frame, offset, sizeof(*ip), &scratch, (const void **)&ip))
		return NETWORK_INVALID;
	if (ip->version != 4 || ip->ihl < 5)
		return NETWORK_INVALID;
	*(__be32 *)event->source_address = ip->saddr;
	*(__be32 *)event->destination_address = ip->daddr;
	event->ip_protocol = ip->protocol;
	event->ttl = ip->ttl;
	event->traffic_class = ip->tos;
	fragment = bpf_ntohs(ip->frag_off);
	if (fragment & (IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET))
		event->flags = EVENT_FRAGMENT;
	if (fragment & IPV4_FRAGMENT_OFFSET)
		return NETWORK_ONLY; /* what follows is not the start of layer 4 */

	total_length = bpf_ntohs(ip->tot_len);
	transport->offset = offset + ip->ihl * 4;
	transport->end = offset + total_length;
	transport->protocol = ip->protocol;
	transport->ipv6 = false;
	if (total_length == 0)
		transport->end = end_without_length(frame, offset);
	return NETWORK_TRANSPORT;
}

/* 64-bit copies: all supported machines load words from any address. */
static __always_inline void copy_ipv6_address(__u8 *to, const struct in6_addr *from)
{
	((__u64 *)to)[0] = ((const __u64 *)from)[0];
	((__u64 *)to)[1] = ((const __u64 *)from)[1];
}

static __always_inline enum network parse_ipv6(struct frame *frame, struct packet_event *event,
					       __u32 offset, struct transport *transport)
{
	struct scratch scratch;
	const struct ipv6hdr *ip;
	enum network network = NETWORK_TRANSPORT;
	__u32 payload_length;

	if (!header_at(frame, offset, sizeof(*ip), &scratch, (const void **)&ip))
		return NETWORK_INVALID;
	if (ip->version != 6)
		return NETWORK_INVALID;
	copy_ipv6_address(event->source_address, &ip->saddr);
	copy_ipv6_address(event->destination_address, &ip->daddr);
	event->ttl = ip->hop_limit;
	event->traffic_class = bpf_ntohl(*(const __be32 *)ip) >> 20; /* RFC 8200, 3 */
	event->flags = EVENT_IPV6;

	payload_length = bpf_ntohs(ip->payload_len);
	transport->offset = offset + sizeof(*ip);
	transport->end = transport->offset + payload_length;
	transport->protocol = ip->nexthdr;
	transport->ipv6 = true;
	if (payload_length == 0)
		transport->end = end_of_jumbogram(frame, transport);

	if (is_extension(transport->protocol)) {
		const struct chain chain = follow_extensions(frame, transport->offset,
							     transport->end, transport->protocol);

		transport->offset = chain.offset;
		transport->protocol = chain.protocol;
		if (chain.fragment)
			event->flags = EVENT_IPV6 | EVENT_FRAGMENT;
		if (chain.end != CHAIN_TRANSPORT)
			network = chain.end == CHAIN_TOO_LONG ? NETWORK_TRUNCATED : NETWORK_ONLY;
	}
	event->ip_protocol = transport->protocol;
	return network;
}

#endif
