/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The second attempt at a packet whose headers do not all lie where they can be read in place: the
 * same parser, reading by helper. In functions that the verifier takes on their own.
 */
#ifndef INSPECTOR_PARSE_BY_COPY_H
#define INSPECTOR_PARSE_BY_COPY_H

#include "event.h"
#include "frame.h"
#include "parse.h"

__noinline __u32 parse_by_copy_xdp(struct xdp_md *ctx, struct packet_event *event)
{
	struct frame frame = xdp_frame(ctx, ACCESS_COPY);

	return event ? parse_frame(&frame, event) : 0;
}

__noinline __u32 parse_by_copy_tc(struct __sk_buff *skb, struct packet_event *event)
{
	struct frame frame = tc_frame(skb, ACCESS_COPY);

	return event ? parse_frame(&frame, event) : 0;
}

/*
 * As parse_frame(), which filled part of `event` before. Nothing needs to be cleared: this attempt
 * reads at least as far, and writes the same values again on its way.
 */
static __always_inline __u32 parse_by_copy(struct frame *frame, struct packet_event *event)
{
	if (frame->hook == HOOK_XDP)
		return parse_by_copy_xdp(frame->ctx, event);
	return parse_by_copy_tc(frame->ctx, event);
}

#endif
