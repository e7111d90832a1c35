// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * The parser of the BPF programs for packets out of files: compiled to WebAssembly, it works on linear
 * memory that its caller fills. One call parses many packets, so that calling costs nothing.
 */
#include "frame_in_memory.h"

#include "packet_link.h"
#include "packet_time.h"

/* One packet, as its file has it. src/sources/packet_file/packet_parser.ts repeats the offsets. */
struct packet {
	__u32 time_high; /* form of both: enum time_form */
	__u32 time_low;
	__s64 time_offset; /* seconds to add */
	__u32 data;        /* where its bytes are, in this memory */
	__u32 available;   /* how many of them */
	__u32 length;      /* how many it had on the wire */
	__u8 link;         /* enum packet_link */
	__u8 attachment;   /* copied into the record */
	__u8 time_form;
	__u8 time_exponent;
};

_Static_assert(sizeof(struct packet) == 32, "the caller writes it");

/*
 * Parses `count` packets into as many records. Returns how many have a time that no record can hold:
 * their record has the nearest that it can.
 */
__attribute__((export_name("parse_packets"))) __u32
parse_packets(const struct packet *packet, struct packet_event *event, __u32 count)
{
	__u32 beyond = 0;

	for (const struct packet *end = packet + count; packet < end; packet++, event++) {
		struct frame frame = {
			.data = (const __u8 *)(unsigned long)packet->data,
			.available = packet->available,
			.length = packet->length,
			.segments = 1,
			.hook = HOOK_XDP,
		};

		frame.ctx = &frame;
		__builtin_memset(event, 0, sizeof(*event));
		beyond += !packet_time(packet->time_high, packet->time_low, packet->time_form,
				       packet->time_exponent, packet->time_offset,
				       (__s64 *)&event->timestamp_ns);
		event->packet_length = packet->length;
		event->segments = 1;
		event->attachment = packet->attachment;
		event->present = parse_packet(&frame, event, packet->link);
	}
	return beyond;
}
