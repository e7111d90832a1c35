// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * BPF programs of the benchmark: two to compare ours with, and the packet generators.
 *
 * A generator runs on frames that the kernel makes from a template (BPF_F_TEST_XDP_LIVE_FRAMES),
 * gives each one addresses and ports of its own, and sends it out of a veth interface.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* All of .rodata, written by bench_object.ts. */
struct bench_config {
	__u32 ifindex;      /* where generators send; 0 in the programs that pass */
	__u32 sources;      /* distinct source addresses of generate_udp, at least 1 */
	__u32 flows;        /* flows of generate_mix, at most MAX_FLOWS */
	__u32 frame_length; /* bytes of the template */
};
volatile const struct bench_config config = { 0 };

#define MAX_FLOWS 16384

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

/* What advances from packet to packet of a flow of the mix. */
struct flow_state {
	__u32 sequence;
	__u32 acknowledgment;
	__u16 identification;
	__u16 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_FLOWS);
	__type(key, __u32);
	__type(value, struct flow_state);
} flow_states SEC(".maps");

/* A packet that is let through, and nothing else: what any XDP program costs. */
SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* The least that a program with a result does: one counter per CPU. */
SEC("xdp")
int count_and_pass(struct xdp_md *ctx)
{
	const __u32 only = 0;
	__u64 *count = bpf_map_lookup_elem(&packets, &only);

	if (count)
		(*count)++;
	return XDP_PASS;
}

/* The finaliser of MurmurHash3: a fixed, even spread of small numbers. */
static __always_inline __u32 spread(__u32 word)
{
	word = (word ^ word >> 16) * 0x85ebca6b;
	word = (word ^ word >> 13) * 0xc2b2ae35;
	return word ^ word >> 16;
}

/* UDP over IPv4, as long as the template is, from one of config.sources addresses to one server. */
SEC("xdp")
int generate_udp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *udp = (void *)(ip + 1);
	__u32 source;

	if ((void *)(udp + 1) > end)
		return XDP_DROP;
	source = bpf_get_prandom_u32() % config.sources;
	ip->saddr = bpf_htonl(0x0a000000 + source); /* 10.0.0.0/8 */
	udp->source = bpf_htons(1024 + (spread(source) & 0x7fff));
	return bpf_redirect(config.ifindex, 0);
}

/* The simple IMIX, 7 : 4 : 1, as frames without FCS. */
#define SHORT_FRAME 60
#define SHORT_FRAME_IPV6 74 /* with a TCP header it is no shorter */

static __always_inline __u32 imix_length(__u32 random, bool ipv6)
{
	__u32 choice = random % 12;

	if (choice >= 7)
		return choice < 11 ? 590 : 1514;
	return ipv6 ? SHORT_FRAME_IPV6 : SHORT_FRAME;
}

/* What a flow of the mix is, worked out from its number. */
struct flow {
	bool from_server, udp, ipv6;
	__u32 client, server;
	__be16 client_port, server_port;
};

static __always_inline void describe_flow(struct flow *flow, __u32 number)
{
	__u32 hash = spread(number / 2 + 1); /* two numbers are the directions of one conversation */

	flow->from_server = number & 1;
	flow->udp = number / 2 % 5 == 0;
	flow->ipv6 = number / 2 % 8 == 7;
	flow->client = hash % 4096;
	flow->server = hash >> 24;
	flow->client_port = bpf_htons(32768 + (hash & 0x3fff));
	flow->server_port = flow->udp ? bpf_htons(53) : bpf_htons(443);
}

/* `length` = bytes of the datagram. Returns where the transport header is. */
static __always_inline void *fill_ipv4(struct iphdr *ip, const struct flow *flow,
				       struct flow_state *state, __u32 length)
{
	__be32 client = bpf_htonl(0x0a000000 + flow->client); /* 10.0.0.0/8 */
	__be32 server = bpf_htonl(0xc6336400 + flow->server); /* 198.51.100.0/24 */

	*(__be16 *)ip = bpf_htons(0x4500);
	ip->tot_len = bpf_htons(length);
	ip->id = bpf_htons(state->identification++);
	ip->frag_off = bpf_htons(0x4000); /* do not fragment */
	ip->ttl = flow->from_server ? 57 : 64;
	ip->protocol = flow->udp ? IPPROTO_UDP : IPPROTO_TCP;
	ip->check = 0;
	ip->saddr = flow->from_server ? server : client;
	ip->daddr = flow->from_server ? client : server;
	return ip + 1;
}

static __always_inline void *fill_ipv6(struct ipv6hdr *ip, const struct flow *flow, __u32 length)
{
	*(__be32 *)ip = bpf_htonl(0x60000000);
	ip->payload_len = bpf_htons(length - sizeof(*ip));
	ip->nexthdr = flow->udp ? IPPROTO_UDP : IPPROTO_TCP;
	ip->hop_limit = flow->from_server ? 57 : 64;
	__builtin_memset(&ip->saddr, 0, 32);
	ip->saddr.in6_u.u6_addr32[0] = bpf_htonl(0x20010db8); /* 2001:db8::/32 */
	ip->daddr.in6_u.u6_addr32[0] = bpf_htonl(0x20010db8);
	ip->saddr.in6_u.u6_addr32[3] = bpf_htonl(flow->from_server ? flow->server : flow->client);
	ip->daddr.in6_u.u6_addr32[3] = bpf_htonl(flow->from_server ? flow->client : flow->server);
	return ip + 1;
}

/* `length` = bytes from here to the end of the datagram. */
static __always_inline void fill_transport(void *header, const struct flow *flow,
					   struct flow_state *state, __u32 length)
{
	struct tcphdr *tcp = header;
	__u32 payload = length - sizeof(*tcp);

	((__be16 *)header)[0] = flow->from_server ? flow->server_port : flow->client_port;
	((__be16 *)header)[1] = flow->from_server ? flow->client_port : flow->server_port;
	if (flow->udp) {
		((struct udphdr *)header)->len = bpf_htons(length);
		((struct udphdr *)header)->check = 0;
		return;
	}
	tcp->seq = bpf_htonl(state->sequence);
	tcp->ack_seq = bpf_htonl(state->acknowledgment);
	((__be16 *)header)[6] = payload ? bpf_htons(0x5018) : bpf_htons(0x5010); /* ACK, and PSH */
	tcp->window = bpf_htons(502);
	tcp->check = 0;
	tcp->urg_ptr = 0;
	state->sequence += payload;
	if (payload == 0)
		state->acknowledgment += 1448;
}

/*
 * Conversations between 4096 clients and 256 servers: 4 of 5 TCP, the rest UDP; 1 of 8 IPv6; a few
 * have most of the packets.
 */
SEC("xdp")
int generate_mix(struct xdp_md *ctx)
{
	__u32 random = bpf_get_prandom_u32(), number, length, datagram;
	__u64 share = random & 0xffff;
	struct flow_state *state;
	struct ethhdr *ethernet;
	void *end, *transport;
	struct flow flow;

	/* The square of an even distribution: half of the packets are of a quarter of the flows. */
	number = share * share * config.flows >> 32;
	state = bpf_map_lookup_elem(&flow_states, &number);
	if (!state)
		return XDP_ABORTED;
	describe_flow(&flow, number);
	length = imix_length(random >> 16, flow.ipv6);
	if (bpf_xdp_adjust_tail(ctx, (int)length - (int)config.frame_length))
		return XDP_ABORTED;
	ethernet = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	datagram = length - sizeof(*ethernet);
	if (flow.ipv6) {
		if ((void *)(ethernet + 1) + sizeof(struct ipv6hdr) + sizeof(struct tcphdr) > end)
			return XDP_ABORTED;
		ethernet->h_proto = bpf_htons(ETH_P_IPV6);
		transport = fill_ipv6((void *)(ethernet + 1), &flow, datagram);
		fill_transport(transport, &flow, state, datagram - sizeof(struct ipv6hdr));
		return bpf_redirect(config.ifindex, 0);
	}
	if ((void *)(ethernet + 1) + sizeof(struct iphdr) + sizeof(struct tcphdr) > end)
		return XDP_ABORTED;
	if (length == SHORT_FRAME && !flow.udp)
		datagram = sizeof(struct iphdr) + sizeof(struct tcphdr); /* the rest is padding */
	ethernet->h_proto = bpf_htons(ETH_P_IP);
	transport = fill_ipv4((void *)(ethernet + 1), &flow, state, datagram);
	fill_transport(transport, &flow, state, datagram - sizeof(struct iphdr));
	return bpf_redirect(config.ifindex, 0);
}
