/**
 * Sends UDP datagrams as whole frames by a packet socket, with the queueing layer or around it
 * (`PACKET_QDISC_BYPASS`, packet(7)), as some traffic generators and DHCP clients do. Run inside a
 * namespace:
 *
 *     bypass_sender.ts <bypass|queue> <interface index> <count> <frame in hexadecimal>
 *
 * @module
 */

/** <bits/socket.h>, <linux/if_packet.h>, <linux/if_ether.h>. */
const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;
const ETH_P_IP = 0x0800;

const libc = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
});

function expect(what: string, isRight: boolean): void {
  if (!isRight) throw new Error(`Cannot ${what}`);
}

if (import.meta.main) {
  const [way, index, count, hexadecimal] = Deno.args;
  const frame = Uint8Array.fromHex(hexadecimal!);
  const socket = libc.symbols.socket(AF_PACKET, SOCK_RAW, 0);
  expect("make a packet socket", socket >= 0);
  const one = new Uint8Array([way === "bypass" ? 1 : 0, 0, 0, 0]);
  const set = libc.symbols.setsockopt(socket, SOL_PACKET, PACKET_QDISC_BYPASS, one, 4);
  expect("set PACKET_QDISC_BYPASS", set === 0);
  // `struct sockaddr_ll`: family, protocol in network order, interface.
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_IP, false);
  view.setInt32(4, Number(index), true);
  for (let sent = 0; sent < Number(count); sent++) {
    const bytes = libc.symbols.sendto(socket, frame, BigInt(frame.length), 0, address, 20);
    expect("send a frame", bytes === BigInt(frame.length));
  }
}
