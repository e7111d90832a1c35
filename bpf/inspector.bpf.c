// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * The BPF programs: one for each hook, with one parser. They watch: no packet's bytes, metadata or
 * fate is changed. User space loads one instance of this object per attachment, with only the
 * program of that hook in it.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "emit.h"

/* TCX_NEXT of kernel 6.6, TC_ACT_UNSPEC of the older clsact hook: the next program decides. */
#define VERDICT_NEXT -1

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Never called, and so never loaded: it puts the types of the wire contract into the BTF. */
__attribute__((used)) static void describe_record(const struct packet_event *event,
						  enum event_present present, enum event_flags flags)
{
	(void)event;
	(void)present;
	(void)flags;
}

SEC("xdp.frags")
int inspect_xdp(struct xdp_md *ctx)
{
	struct frame frame = xdp_frame(ctx, ACCESS_DIRECT);

	inspect(&frame);
	return XDP_PASS;
}

SEC("tc")
int inspect_tc_ingress(struct __sk_buff *skb)
{
	struct frame frame = config.bare ? bare_frame(skb, ACCESS_DIRECT) :
					   tc_frame(skb, ACCESS_DIRECT);

	inspect(&frame);
	return VERDICT_NEXT;
}

SEC("tc")
int inspect_tc_egress(struct __sk_buff *skb)
{
	struct frame frame = config.bare ? bare_frame(skb, ACCESS_DIRECT) :
					   tc_frame(skb, ACCESS_DIRECT);

	inspect(&frame);
	return VERDICT_NEXT;
}
