/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Stands in for frame.h where packets lie in memory and not in the kernel: as much of each as its
 * capture file has. Included first.
 */
#ifndef INSPECTOR_FRAME_H
#define INSPECTOR_FRAME_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))

/* One is enough: both read alike. */
enum hook {
	HOOK_XDP,
};

enum access {
	ACCESS_COPY,
};

struct frame {
	void *ctx;           /* the frame itself: what is followed out of line gets nothing else */
	const __u8 *data;
	__u32 start;         /* 0: nothing is passed over */
	__u32 available;     /* bytes from `data` that can be read */
	__u32 length;        /* bytes of the packet on the wire, also those that were not captured */
	__u32 segments;
	__u16 metadata_tag;
	bool has_metadata_tag;
	bool cut; /* out: a header was not there */
	enum hook hook;
};

/* Names that the parser calls, in the same places as in the kernel. */
static __always_inline struct frame xdp_frame(struct xdp_md *ctx, enum access access)
{
	(void)access;
	return *(const struct frame *)(const void *)ctx;
}

static __always_inline struct frame tc_frame(struct __sk_buff *skb, enum access access)
{
	(void)access;
	return *(const struct frame *)(const void *)skb;
}

struct scratch {
	__u8 unused;
};

/* As in frame.h. */
static __always_inline bool header_at(struct frame *frame, __u32 offset, __u32 size,
				      struct scratch *scratch, const void **header)
{
	(void)scratch;
	*header = frame->data + offset;
	/* No sum: a packet may say that it is as long as a number can be. */
	if (offset <= frame->available && size <= frame->available - offset)
		return true;
	frame->cut = true;
	return false;
}

#endif
