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

enum network {
	NETWORK_INVALID,   /* no IP header that can be trusted: not an IP packet */
	NETWORK_ONLY,      /* IP, but layer 4 is missing, unknown, or in another fragment */
	NETWORK_TRUNCATED, /* as NETWORK_ONLY: the IPv6 chain is longer than is followed */
	NETWORK_TRANSPORT, /* `transport` is filled */
};

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
	if (total_length == 0 && frame->segments > 1)
		transport->end = frame->length; /* GSO packet above 64 KiB (kernel, iph_totlen()) */
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
	if (payload_length == 0 && frame->segments > 1)
		transport->end = frame->length; /* GSO packet above 64 KiB: RFC 2675, 3 */

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
