/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Layer 4. Only what lies both within the frame and within the datagram is read, so Ethernet padding
 * never passes for a header, and the payload is what the IP length says, not what the frame carries.
 */
#ifndef INSPECTOR_PARSE_TRANSPORT_H
#define INSPECTOR_PARSE_TRANSPORT_H

#include <linux/in.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <stdbool.h>

#include "event.h"
#include "frame.h"

enum transport_header_bytes {
	PORTS_BYTES = 4,       /* source and destination port, in all protocols that have them */
	TCP_BYTES = 20,        /* RFC 9293, 3.1, without options */
	UDP_BYTES = 8,         /* RFC 768 and, same size, UDP-Lite: RFC 3828 */
	SCTP_BYTES = 12,       /* common header: RFC 9260, 3.1 */
	ICMP_TYPE_BYTES = 2,   /* type and code: RFC 792, RFC 4443 */
	ICMP_BYTES = 8,        /* the part that all ICMP messages share */
	NO_PAYLOAD_LENGTH = 0, /* header size not known to this parser */
};

/* Where layer 4 is, as offsets from the start of the frame. */
struct transport {
	__u32 offset;
	__u32 end; /* end of the datagram by its IP length; may lie behind the end of the frame */
	__u8 protocol;
	bool ipv6;
};

static __always_inline bool in_datagram(const struct transport *transport, __u32 size)
{
	return transport->offset + size <= transport->end;
}

/* Fills payload_length; nothing when the header, or the datagram, does not fit where it should. */
static __always_inline __u32 measure_payload(const struct frame *frame, struct packet_event *event,
					     const struct transport *transport, __u32 header_bytes)
{
	if (transport->end > frame->length || !in_datagram(transport, header_bytes))
		return 0;
	event->payload_length = transport->end - transport->offset - header_bytes;
	return PRESENT_PAYLOAD;
}

static __always_inline __u32 parse_ports(struct frame *frame, struct packet_event *event,
					 const struct transport *transport, __u32 header_bytes)
{
	struct scratch scratch;
	const __be16 *ports;
	__u32 present = PRESENT_PORTS;

	if (!in_datagram(transport, PORTS_BYTES))
		return 0;
	if (!header_at(frame, transport->offset, PORTS_BYTES, &scratch, (const void **)&ports))
		return 0;
	event->source_port = bpf_ntohs(ports[0]);
	event->destination_port = bpf_ntohs(ports[1]);
	if (header_bytes != NO_PAYLOAD_LENGTH)
		present |= measure_payload(frame, event, transport, header_bytes);
	return present;
}

static __always_inline __u32 parse_tcp(struct frame *frame, struct packet_event *event,
				       const struct transport *transport)
{
	struct scratch scratch;
	const struct tcphdr *tcp;
	__u32 present = PRESENT_PORTS | PRESENT_TCP;
	__u32 header_bytes;

	if (!in_datagram(transport, TCP_BYTES) ||
	    !header_at(frame, transport->offset, TCP_BYTES, &scratch, (const void **)&tcp))
		return parse_ports(frame, event, transport, NO_PAYLOAD_LENGTH);
	event->source_port = bpf_ntohs(tcp->source);
	event->destination_port = bpf_ntohs(tcp->dest);
	event->tcp_sequence = bpf_ntohl(tcp->seq);
	event->tcp_acknowledgment = bpf_ntohl(tcp->ack_seq);
	event->tcp_window = bpf_ntohs(tcp->window);
	event->tcp_flags = ((const __u8 *)tcp)[13]; /* RFC 9293, 3.1: CWR is the top bit of byte 13 */
	header_bytes = tcp->doff * 4;
	if (header_bytes >= TCP_BYTES)
		present |= measure_payload(frame, event, transport, header_bytes);
	return present;
}

static __always_inline __u32 parse_icmp(struct frame *frame, struct packet_event *event,
					const struct transport *transport)
{
	struct scratch scratch;
	const __u8 *icmp;

	if (!in_datagram(transport, ICMP_TYPE_BYTES))
		return 0;
	if (!header_at(frame, transport->offset, ICMP_TYPE_BYTES, &scratch, (const void **)&icmp))
		return 0;
	event->icmp_type = icmp[0];
	event->icmp_code = icmp[1];
	return PRESENT_ICMP | measure_payload(frame, event, transport, ICMP_BYTES);
}

/* Returns the `present` bits of what it filled. */
static __always_inline __u32 parse_transport(struct frame *frame, struct packet_event *event,
					     const struct transport *transport)
{
	switch (transport->protocol) {
	case IPPROTO_TCP:
		return parse_tcp(frame, event, transport);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return parse_ports(frame, event, transport, UDP_BYTES);
	case IPPROTO_SCTP:
		return parse_ports(frame, event, transport, SCTP_BYTES);
	case IPPROTO_DCCP: /* header size varies by packet type: RFC 4340, 5.1 */
		return parse_ports(frame, event, transport, NO_PAYLOAD_LENGTH);
	case IPPROTO_ICMP:
		return transport->ipv6 ? 0 : parse_icmp(frame, event, transport);
	case IPPROTO_ICMPV6:
		return transport->ipv6 ? parse_icmp(frame, event, transport) : 0;
	default:
		return 0;
	}
}

#endif
