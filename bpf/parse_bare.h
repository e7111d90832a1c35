/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The entry of the parser for interfaces without an Ethernet header: tun, WireGuard, PPP and others. The
 * kernel says which protocol a packet is. In functions that the verifier takes on their own, so that the
 * programs are no larger for it.
 */
#ifndef INSPECTOR_PARSE_BARE_H
#define INSPECTOR_PARSE_BARE_H

#include "event.h"
#include "frame.h"
#include "parse.h"

/* As parse_by_copy_tc(). */
__noinline __u32 parse_bare_by_copy(struct __sk_buff *skb, struct packet_event *event)
{
	struct frame frame = bare_frame(skb, ACCESS_COPY);

	return event ? parse_bare(&frame, event, bpf_ntohs(skb->protocol), 0) : 0;
}

__noinline __u32 parse_bare_tc(struct __sk_buff *skb, struct packet_event *event)
{
	struct frame frame = bare_frame(skb, ACCESS_DIRECT);
	__u32 parsed;

	if (!event)
		return 0;
	parsed = parse_bare(&frame, event, bpf_ntohs(skb->protocol), 0);
	if (frame.cut && frame.length > frame.data_end - frame.data)
		return parse_bare_by_copy(skb, event);
	return parsed;
}

#endif
