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

/* The ring of this CPU. Other CPUs may have the same. */
static __always_inline __u32 own_ring(void)
{
	return config.rings > 1 ? bpf_get_smp_processor_id() & (config.rings - 1) : 0;
}

/*
 * Claims the next slot; NULL when there is no room. Whoever is interrupted here, by a program on the
 * same CPU or by one that runs on another, has a slot of its own: it takes no lock.
 *
 * Programs that are between the check and the claim at the same time pass the limit by one slot each.
 * For them user space leaves slots above the limit, more than programs can be there at once. So a slot
 * that was not yet read is never claimed.
 */
static __always_inline struct packet_event *claim_record(struct claim *claim)
{
	const __u32 number = own_ring();
	__u32 key = number;
	struct ring_positions *positions = bpf_map_lookup_elem(&ring_positions, &key);
	__u64 position;
	__s64 used;

	if (!positions)
		return NULL;
	/* Below 0 when this was held up between the two loads: then there was room. */
	used = *(volatile __u64 *)&positions->producer - *(volatile __u64 *)&positions->consumer;
	if (used >= (__s64)config.ring_limit)
		return NULL;
	position = __sync_fetch_and_add(&positions->producer, 1);
	key = number * config.ring_slots + (position & (config.ring_slots - 1));
	claim->slot = bpf_map_lookup_elem(&ring, &key);
	claim->ready = position + 1;
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
