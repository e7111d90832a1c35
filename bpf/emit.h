/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * From packet to record: the order in which a packet is counted, recorded and announced.
 */
#ifndef INSPECTOR_EMIT_H
#define INSPECTOR_EMIT_H

#include "config.h"
#include "event.h"
#include "filter.h"
#include "frame.h"
#include "maps.h"
#include "parse.h"
#include "parse_bare.h"
#include "parse_by_copy.h"
#include "ring.h"

/* All but the time, which is the first word. */
static __always_inline void clear_record(struct packet_event *event)
{
	__u64 *words = (__u64 *)event;

	_Static_assert(sizeof(*event) % sizeof(*words) == 0, "");
	_Static_assert(__builtin_offsetof(struct packet_event, source_address) == sizeof(*words), "");
#pragma unroll
	for (__u32 i = 1; i < sizeof(*event) / sizeof(*words); i++)
		words[i] = 0;
}

/*
 * A look-up among many senders costs more than all the rest of the program. So each CPU counts every
 * packet only at first, which shows a quiet link as it is, and later one in SENDERS_INTERVAL, by
 * chance, for all of them.
 */
#define SENDERS_COUNT_ALL (1 << 16)
#define SENDERS_INTERVAL 16

/* For how many packets this one counts in the statistics: often for none. */
static __always_inline __u32 sender_weight(__u64 captured)
{
	if (captured <= SENDERS_COUNT_ALL)
		return 1;
	return bpf_get_prandom_u32() % SENDERS_INTERVAL ? 0 : SENDERS_INTERVAL;
}

static __always_inline void count_sender(const struct packet_event *event, __u32 weight)
{
	const __u64 bytes = (__u64)event->packet_length * weight;
	struct sender_key key;
	struct sender_counters *known;
	__u64 *words = (__u64 *)key.address;
	const __u64 *address = (const __u64 *)event->source_address;

	if (event->flags & EVENT_IPV6) {
		words[0] = address[0];
		words[1] = address[1];
	} else {
		words[0] = 0;
		((__be32 *)key.address)[2] = bpf_htonl(0xffff); /* RFC 4291, 2.5.5.2 */
		((__be32 *)key.address)[3] = *(const __be32 *)event->source_address;
	}
	known = bpf_map_lookup_elem(&senders, &key);
	if (known) {
		known->packets += weight;
		known->bytes += bytes;
	} else {
		struct sender_counters first = { .packets = weight, .bytes = bytes };

		/*
		 * BPF_ANY is exact: when another CPU adds the same key in between, only this CPU's
		 * value is set, which is still 0.
		 */
		bpf_map_update_elem(&senders, &key, &first, BPF_ANY);
	}
}

static __always_inline void count_loss(struct packet_counters *counter)
{
	const __u32 only = 0;
	const __u32 *behind = bpf_map_lookup_elem(&writer_behind, &only);

	if (behind && *(const volatile __u32 *)behind)
		counter->queue_full++;
	else
		counter->ring_full++;
}

/* By chance, not by turns: traffic that repeats itself would be seen always at the same point. */
static __always_inline bool is_sampled_out(void)
{
	return config.sample_rate > 1 && bpf_get_prandom_u32() % config.sample_rate != 0;
}

/* Fills `event`, all but the time. Returns the `present` bits and PARSED_CHAIN_TOO_LONG. */
static __always_inline __u32 parse_record(struct frame *frame, struct packet_event *event)
{
	__u32 parsed;

	clear_record(event);
	event->packet_length = frame->length + (frame->has_metadata_tag ? VLAN_TAG_BYTES : 0);
	event->segments = frame->segments;
	event->attachment = config.attachment;
	if (frame->hook == HOOK_TC && config.bare) {
		parsed = parse_bare_tc(frame->ctx, event);
	} else {
		parsed = parse_frame(frame, event);
		if (frame->cut && frame->length > frame->data_end - frame->data)
			parsed = parse_by_copy(frame, event);
	}
	event->present = parsed;
	return parsed;
}

/* As clear_record(). */
static __always_inline void copy_record(struct packet_event *to, const struct packet_event *from)
{
#pragma unroll
	for (__u32 i = 1; i < sizeof(*to) / sizeof(__u64); i++)
		((__u64 *)to)[i] = ((const __u64 *)from)[i];
}

/* A packet on its way into a ring. */
struct admission {
	struct claim claim;
	__u64 *total;  /* packets that were captured, of all; NULL without a limit */
	__u64 ticket;  /* the packet's own number in `total` */
};

/*
 * Takes a place for a packet that is to be recorded, and writes the time there. NULL when it gets none;
 * then it was counted.
 */
static __always_inline struct packet_event *admit(struct admission *admission,
						  struct packet_counters *counter)
{
	struct packet_event *event;

	if (is_sampled_out()) {
		counter->seen++;
		counter->sampled_out++;
		return NULL;
	}
	event = claim_record(&admission->claim);
	if (!event) {
		counter->seen++;
		count_loss(counter);
		return NULL;
	}
	if (config.capture_limit) {
		/* Only now is it certain that the packet can be one of the `capture_limit`. */
		admission->ticket = __sync_fetch_and_add(admission->total, 1);
		if (admission->ticket >= config.capture_limit) {
			publish_record(&admission->claim, true);
			return NULL;
		}
	}
	event->timestamp_ns = bpf_ktime_get_ns();
	return event;
}

/*
 * Records one packet. Exactly: a packet that arrives after the capture limit counts nowhere; every
 * other one counts as seen and as one of captured, filtered, sampled_out, ring_full and queue_full.
 *
 * With a filter it is parsed apart, so that one that is left out takes no place in a ring.
 */
static __always_inline void inspect(struct frame *frame)
{
	const __u32 only = 0;
	struct admission admission = { 0 };
	struct unfiltered_packet *apart = NULL;
	struct packet_event *event;
	struct packet_counters *counter;
	__u32 parsed;

	counter = bpf_map_lookup_elem(&counters, &only);
	if (!counter)
		return;
	if (config.capture_limit) {
		admission.total = bpf_map_lookup_elem(&captured_total, &only);
		if (!admission.total || *(volatile __u64 *)admission.total >= config.capture_limit)
			return;
	}
	if (config.filter) {
		apart = bpf_map_lookup_elem(&unfiltered, &only);
		if (!apart)
			return;
		event = &apart->event;
	} else {
		event = admit(&admission, counter);
		if (!event)
			return;
	}
	parsed = parse_record(frame, event);
	if (config.filter) {
		apart->parsed = parsed;
		if (!filter_matches(&apart->event)) {
			counter->seen++;
			counter->filtered++;
			return;
		}
		event = admit(&admission, counter);
		if (!event)
			return;
		copy_record(event, &apart->event);
		parsed = apart->parsed; /* by way of the map, so that the verifier forgets what it was */
	}

	counter->seen++;
	counter->captured++;
	counter->captured_bytes += event->packet_length;
	if (parsed & PARSED_CHAIN_TOO_LONG)
		counter->parse_limit++;
	if (config.sender_statistics && (parsed & PRESENT_IP)) {
		const __u32 weight = sender_weight(counter->captured);

		if (weight)
			count_sender(event, weight);
	}

	publish_record(&admission.claim, false);
	if ((counter->captured & (config.wakeup_interval - 1)) == 0)
		wake_reader();
	else if (config.capture_limit && admission.ticket + 1 == config.capture_limit)
		wake_reader();
}

#endif
