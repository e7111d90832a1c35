/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * One view of a packet for both hooks, and the only way in which the parser reads packet bytes.
 */
#ifndef INSPECTOR_FRAME_H
#define INSPECTOR_FRAME_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>

enum hook {
	HOOK_XDP,
	HOOK_TC,
};

/*
 * The parser is compiled twice for each hook, because a pointer that may be to the packet or to a
 * copy doubles, header by header, what the verifier has to walk through.
 */
enum access {
	ACCESS_DIRECT, /* fast: only what can be read in place, which is nearly always enough */
	ACCESS_COPY,   /* by helper, also from the fragments of a multi-buffer frame or a paged skb */
};

struct frame {
	void *ctx;
	const void *data;     /* first byte of the Ethernet header; ACCESS_DIRECT only */
	const void *data_end; /* end of the part that can be read in place; ACCESS_DIRECT only */
	__u32 start;          /* bytes in the buffer before `data`, which are passed over */
	__u32 length;         /* all bytes from `data`, also those in fragments */
	__u32 segments;       /* wire packets in this buffer, at least 1 */
	__u16 metadata_tag;   /* TCI of a VLAN tag that the kernel keeps beside the data */
	bool has_metadata_tag;
	bool cut; /* out: a header was not there, or not readable in this access mode */
	/* Constants once inlined: */
	enum hook hook;
	enum access access;
};

/*
 * What is read of the kernel's own view of an XDP packet. libbpf finds it by name when it loads the
 * object, so that places and numbers are those of the running kernel.
 */
enum xdp_buff_flags___kernel {
	XDP_FLAGS_HAS_FRAGS___kernel,
};

struct xdp_buff {
	__u32 flags; /* enum xdp_buff_flags */
} __attribute__((preserve_access_index));

/*
 * Linux 6.2, as an instruction and not as a call. The kernel has a number for it in an enumeration: to
 * ask for the address of the function instead is refused before Linux 6.4.
 */
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym __weak;

enum special_kfunc_type___kernel {
	KF_bpf_cast_to_kern_ctx___kernel,
};

/*
 * All bytes of the packet. That a packet has no fragments is seen faster than bpf_xdp_get_buff_len()
 * is called: returning from any function of the kernel is slow on a CPU with mitigations.
 */
static __always_inline __u32 xdp_length(struct xdp_md *ctx)
{
	if (bpf_core_enum_value_exists(enum special_kfunc_type___kernel,
				       KF_bpf_cast_to_kern_ctx___kernel)) {
		const struct xdp_buff *buffer = bpf_cast_to_kern_ctx(ctx);
		const __u32 has_fragments = bpf_core_enum_value(enum xdp_buff_flags___kernel,
								XDP_FLAGS_HAS_FRAGS___kernel);

		if ((buffer->flags & has_fragments) == 0)
			return ctx->data_end - ctx->data;
	}
	return bpf_xdp_get_buff_len(ctx);
}

static __always_inline struct frame xdp_frame(struct xdp_md *ctx, enum access access)
{
	return (struct frame){
		.ctx = ctx,
		.data = (const void *)(long)ctx->data,
		.data_end = (const void *)(long)ctx->data_end,
		.length = access == ACCESS_DIRECT ? xdp_length(ctx) : bpf_xdp_get_buff_len(ctx),
		.segments = 1,
		.hook = HOOK_XDP,
		.access = access,
	};
}

static __always_inline struct frame tc_frame(struct __sk_buff *skb, enum access access)
{
	const __u32 gso_segments = skb->gso_segs;

	return (struct frame){
		.ctx = skb,
		.data = (const void *)(long)skb->data,
		.data_end = (const void *)(long)skb->data_end,
		.length = skb->len,
		.segments = gso_segments > 1 ? gso_segments : 1,
		.metadata_tag = skb->vlan_tci,
		.has_metadata_tag = skb->vlan_present != 0,
		.hook = HOOK_TC,
		.access = access,
	};
}

/* As xdp_buff. */
struct sk_buff {
	unsigned char *head;
	unsigned char *data;
	__u16 network_header;
} __attribute__((preserve_access_index));

/* The longest that is passed over. A tunnel's outer header is about 100 bytes; the verifier wants a limit. */
#define MAX_OUTER_BYTES 512

/*
 * Bytes before the network layer on an interface without an Ethernet header. Often none, but GRE and
 * sit leave the outer header of a packet that comes in where TC looks for a link layer (ipip6_rcv() in
 * net/ipv6/sit.c, skb_pop_mac_header() in net/ipv4/ip_gre.c). Before Linux 6.2 it is not known how many.
 */
static __always_inline __u32 outer_bytes(struct __sk_buff *skb)
{
	if (bpf_core_enum_value_exists(enum special_kfunc_type___kernel,
				       KF_bpf_cast_to_kern_ctx___kernel)) {
		const struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);
		const __u32 bytes = kernel->network_header - (__u32)(kernel->data - kernel->head);

		if (bytes <= MAX_OUTER_BYTES && bytes <= skb->len)
			return bytes;
	}
	return 0;
}

/* As tc_frame(), from the network layer on. */
static __always_inline struct frame bare_frame(struct __sk_buff *skb, enum access access)
{
	struct frame frame = tc_frame(skb, access);

	frame.start = outer_bytes(skb);
	frame.data += frame.start;
	frame.length -= frame.start;
	frame.has_metadata_tag = false;
	return frame;
}

/* Wide enough for every header that is read as a whole; aligned, because stack reads must be. */
struct scratch {
	__u64 words[5];
};

static __always_inline bool copy_bytes(const struct frame *frame, __u32 offset, void *to,
				       __u32 size)
{
	if (frame->hook == HOOK_XDP)
		return bpf_xdp_load_bytes(frame->ctx, frame->start + offset, to, size) == 0;
	return bpf_skb_load_bytes(frame->ctx, frame->start + offset, to, size) == 0;
}

/*
 * Points *header to `size` bytes at `offset`: in the packet or, with ACCESS_COPY, in `scratch`. False
 * when they are not there. `size` is a constant of at most sizeof(struct scratch).
 *
 * The answer is not a NULL pointer: clang would then test packet pointers for NULL, which makes the
 * program slower and the verifier's work twice as long.
 */
static __always_inline bool header_at(struct frame *frame, __u32 offset, __u32 size,
				      struct scratch *scratch, const void **header)
{
	if (frame->access == ACCESS_DIRECT) {
		*header = frame->data + offset;
		if (*header + size <= frame->data_end)
			return true;
	} else {
		*header = scratch;
		if (copy_bytes(frame, offset, scratch, size))
			return true;
	}
	frame->cut = true;
	return false;
}

#endif
