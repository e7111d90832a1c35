/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The way of a record to user space: rings of slots in memory that both sides map. Reserving and
 * submitting in the kernel's own ring buffer takes longer than all of this, because each is a call, and
 * twice as long again when two CPUs do it at once.
 */
#ifndef INSPECTOR_RING_H
#define INSPECTOR_RING_H

#include "config.h"
#include "event.h"
#include "maps.h"

static __always_inline void wake_reader(void)
{
	const __u64 nothing = 0;

	/* No room: then there are wake-ups that the reader has not answered yet. */
	bpf_ringbuf_output(&doorbell, (void *)&nothing, sizeof(nothing), BPF_RB_FORCE_WAKEUP);
}

/* A slot that this program, and nobody else, may write until it publishes it. */
struct claim {
	struct ring_slot *slot;
	__u32 ready;
};

/* A claimed place in one word: `ready` in the upper half, number of the slot in the lower one. */
#define NO_PLACE (~0ULL)

/* Other rings that are tried. To look into all of 256 full ones takes half a microsecond a packet. */
#define TRIES_ELSEWHERE 4

/*
 * Claims the next place of a ring; NO_PLACE when there is no room. Whoever is interrupted here, by a
 * program on the same CPU or by one that runs on another, has a slot of its own: it takes no lock.
 *
 * Programs that are between the check and the claim at the same time pass the limit by one slot each.
 * For them user space leaves slots above the limit, more than programs can be there at once. So a slot
 * that was not yet read is never claimed.
 */
static __always_inline __u64 claim_place(__u32 number)
{
	struct ring_positions *positions = bpf_map_lookup_elem(&ring_positions, &number);
	__u64 position;
	__s64 used;

	if (!positions)
		return NO_PLACE;
	/* Below 0 when this was held up between the two loads: then there was room. */
	used = *(volatile __u64 *)&positions->producer - *(volatile __u64 *)&positions->consumer;
	if (used >= (__s64)config.ring_limit)
		return NO_PLACE;
	position = __sync_fetch_and_add(&positions->producer, 1);
	return (position + 1) << 32 |
	       (__u32)(number * config.ring_slots + (position & (config.ring_slots - 1)));
}

/*
 * Claims a place in the ring of another CPU, so that a burst on one CPU has the room of all: it tries a
 * few, by chance where there are more, so that it comes to each of them. Not static, so that the verifier
 * takes it on its own.
 */
__noinline __u64 claim_elsewhere(__u32 own)
{
	const bool many = config.rings - 1 > TRIES_ELSEWHERE;
	const __u32 first = own + (many ? bpf_get_prandom_u32() : 0);

	for (__u32 i = 1; i < config.rings && i <= TRIES_ELSEWHERE; i++) {
		const __u64 place = claim_place((first + i) & (config.rings - 1));

		if (place != NO_PLACE)
			return place;
	}
	return NO_PLACE;
}

/* Claims a slot, in the ring of this CPU if it has room; NULL when no ring has. */
static __always_inline struct packet_event *claim_record(struct claim *claim)
{
	const bool several = config.rings > 1;
	const __u32 own = several ? bpf_get_smp_processor_id() & (config.rings - 1) : 0;
	__u64 place = claim_place(own);
	__u32 key;

	if (place == NO_PLACE && several)
		place = claim_elsewhere(own);
	if (place == NO_PLACE)
		return NULL;
	key = place;
	claim->slot = bpf_map_lookup_elem(&ring, &key);
	claim->ready = place >> 32;
	if (!claim->slot)
		return NULL; /* never: there is a slot for each key */
	return &claim->slot->event;
}

/* Hands the slot to the reader. Writing it is over. */
static __always_inline void publish_record(const struct claim *claim, bool discarded)
{
	claim->slot->discarded = discarded;
	/*
	 * A full barrier, for CPUs that reorder stores (Documentation/atomic_t.txt). Pairs with the
	 * atomic load of the reader.
	 */
	(void)__sync_lock_test_and_set(&claim->slot->ready, claim->ready);
}

#endif
