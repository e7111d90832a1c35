/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Room for a filter. User space replaces what stands at each symbol that starts with filter_room_ before it
 * loads the object: with instructions that src/filter/ebpf makes out of an expression.
 *
 * In each program, not in a function: to return from one costs as much as all the rest of a filter on a
 * CPU with mitigations.
 */
#ifndef INSPECTOR_FILTER_H
#define INSPECTOR_FILTER_H

#include "event.h"

/* Instructions that a filter can have, and those around it. */
#define FILTER_ROOM 4096

/* As text, which is all that assembler takes. */
#define AS_TEXT(macro) AS_TEXT_OF(macro)
#define AS_TEXT_OF(text) #text

/*
 * Whether a packet is to be recorded; `event` holds all but the time. It lies in a map, of whose content the
 * verifier knows nothing: on the stack it would follow the filter for each way in which a packet can be
 * parsed.
 */
static __always_inline bool filter_matches(struct packet_event *event)
{
	register struct packet_event *argument asm("r1") = event;
	register __u32 result asm("r0");

	asm volatile("filter_room_%=:\n"
		     ".rept " AS_TEXT(FILTER_ROOM) "\n r0 = 0\n .endr\n"
		     ".size filter_room_%=, . - filter_room_%="
		     : "=r"(result), "+r"(argument)
		     :
		     : "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "memory");
	return result;
}

#endif
