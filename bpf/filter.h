/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Room for a filter. User space replaces the whole of filter_matches() before it loads the object: by
 * its symbol, with instructions that src/filter/ebpf makes out of an expression.
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
 * Whether a packet is to be recorded; `event` holds all but the time. Not static, so that the verifier
 * takes it on its own, once, and not for each way in which a packet can be parsed.
 */
__noinline __u32 filter_matches(struct packet_event *event)
{
	register struct packet_event *argument asm("r1") = event;
	register __u32 result asm("r0");

	asm volatile(".rept " AS_TEXT(FILTER_ROOM) "\n r0 = 0\n .endr"
		     : "=r"(result)
		     : "r"(argument));
	return result;
}

#endif
