/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The chain of IPv6 extension headers. It is rare, so it lives in functions of their own, which the
 * verifier checks once each, and it always reads by helper.
 */
#ifndef INSPECTOR_EXTENSIONS_H
#define INSPECTOR_EXTENSIONS_H

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "frame.h"

/* RFC 8200, 4.5: offset, two reserved bits, more-fragments bit. */
#define IPV6_MORE_FRAGMENTS 0x0001
#define IPV6_FRAGMENT_OFFSET 0xfff8

/* RFC 8200, 4 sets no bound; a program needs one. */
#define MAX_EXTENSION_HEADERS 8

/* No extension header is shorter: RFC 8200, 4 (multiples of 8), RFC 4302, 2.2 (AH, 32-bit words). */
#define MIN_EXTENSION_BYTES 8

/* Follows from the two above and a 2048-byte header (RFC 8200, 4.3); a mask for the verifier. */
#define CHAIN_OFFSET_MASK 0x7fff

/* Common start of the extension headers; the fragment header has no length, its size is fixed. */
struct extension_header {
	__u8 next;
	__u8 length;
	__be16 fragment; /* fragment header only */
	__be32 rest;
};

enum chain_end {
	CHAIN_TRANSPORT, /* `protocol` starts at `offset` */
	CHAIN_CUT,       /* nothing further to read; `protocol` is the last number known */
	CHAIN_TOO_LONG,  /* as CHAIN_CUT, but only because this parser stops here */
};

/* Fits a register, which is all that a function verified on its own can return. */
struct chain {
	__u32 offset;
	__u8 protocol;
	__u8 end; /* enum chain_end */
	__u8 fragment;
	__u8 reserved;
};

union packed_chain {
	struct chain chain;
	__u64 word;
};

static __always_inline bool is_extension(__u8 number)
{
	const __u64 below_64 = 1ULL << IPPROTO_HOPOPTS | 1ULL << IPPROTO_ROUTING |
			       1ULL << IPPROTO_FRAGMENT | 1ULL << IPPROTO_AH |
			       1ULL << IPPROTO_DSTOPTS;

	if (number < 64)
		return (below_64 >> number) & 1;
	return number == IPPROTO_MH;
}

static __always_inline __u64 walk_chain(struct frame *frame, __u32 offset, __u32 end, __u8 protocol)
{
	union packed_chain packed = { .chain = { .end = CHAIN_CUT } };
	const __u32 limit = end < frame->length ? end : frame->length;
	int followed = 0;

	for (; followed < MAX_EXTENSION_HEADERS && is_extension(protocol); followed++) {
		struct scratch scratch;
		const struct extension_header *extension;
		__u32 length = MIN_EXTENSION_BYTES;

		if (offset + MIN_EXTENSION_BYTES > limit)
			goto out;
		if (!header_at(frame, offset, MIN_EXTENSION_BYTES, &scratch,
			       (const void **)&extension))
			goto out;
		if (protocol == IPPROTO_FRAGMENT) {
			const __u32 fragment = bpf_ntohs(extension->fragment);

			if (fragment & (IPV6_MORE_FRAGMENTS | IPV6_FRAGMENT_OFFSET))
				packed.chain.fragment = true;
			if (fragment & IPV6_FRAGMENT_OFFSET) {
				protocol = extension->next;
				goto out; /* the rest is the middle of a datagram */
			}
		} else if (protocol == IPPROTO_AH) {
			length = (extension->length + 2) * 4; /* RFC 4302, 2.2 */
		} else {
			length = (extension->length + 1) * 8; /* RFC 8200, 4.3 */
		}
		if (offset + length > limit)
			goto out;
		offset += length;
		protocol = extension->next;
	}
	packed.chain.end = is_extension(protocol) ? CHAIN_TOO_LONG : CHAIN_TRANSPORT;
out:
	packed.chain.offset = offset;
	packed.chain.protocol = protocol;
	return packed.word;
}

/* Not static, so that the verifier takes it on its own; same for TC below. */
__noinline __u64 walk_chain_xdp(struct xdp_md *ctx, __u32 offset, __u32 end, __u32 protocol)
{
	struct frame frame = xdp_frame(ctx, ACCESS_COPY);

	return walk_chain(&frame, offset, end, protocol);
}

__noinline __u64 walk_chain_tc(struct __sk_buff *skb, __u32 offset, __u32 end, __u32 protocol)
{
	struct frame frame = tc_frame(skb, ACCESS_COPY);

	return walk_chain(&frame, offset, end, protocol);
}

/*
 * Follows the chain that starts at `offset` with header `protocol`, within a datagram that ends at
 * `end`. A header that is not there as a whole is not followed: its own number is the result.
 */
static __always_inline struct chain follow_extensions(struct frame *frame, __u32 offset, __u32 end,
						      __u8 protocol)
{
	const __u32 start = frame->start; /* they count from the first byte of the buffer */
	union packed_chain packed;

	offset += start;
	end += start;
	if (frame->hook == HOOK_XDP)
		packed.word = walk_chain_xdp(frame->ctx, offset, end, protocol);
	else
		packed.word = walk_chain_tc(frame->ctx, offset, end, protocol);
	packed.chain.offset = (packed.chain.offset - start) & CHAIN_OFFSET_MASK;
	return packed.chain;
}

#endif
