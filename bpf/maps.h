/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The maps. Each attachment loads its own instance of the object: `counters` belong to it alone,
 * the other maps of the first instance are reused by all, so that one reader serves them.
 */
#ifndef INSPECTOR_MAPS_H
#define INSPECTOR_MAPS_H

#include "event.h"

/*
 * Records on their way to user space, which maps it: the slots of all rings, one ring after the other.
 * User space sets their number before load, as that of the next map.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct ring_slot);
} ring SEC(".maps");

/* One for each ring. Mapped by user space, too. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ring_positions);
} ring_positions SEC(".maps");

/* Wakes the reader. What is in it says nothing; bytes, a power of two, at least a page. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} doorbell SEC(".maps");

/* What this attachment saw and lost. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct packet_counters);
} counters SEC(".maps");

/*
 * With a filter, the packet that is being looked at. A CPU looks at one at a time: programs run with
 * softirqs off, and none runs in a hard interrupt.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct unfiltered_packet);
} unfiltered SEC(".maps");

/* Records over all CPUs and attachments; only touched when config.capture_limit is set. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} captured_total SEC(".maps");

/*
 * 1 while the reader cannot go on because the writer is behind; only read when a packet is lost, to
 * tell which of the two was too slow.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} writer_behind SEC(".maps");

/*
 * Packets and bytes by source address for the live status; only touched when
 * config.sender_statistics is set (user space shrinks the map to one entry when it is not).
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct sender_key);
	__type(value, struct sender_counters);
} senders SEC(".maps");

#endif
