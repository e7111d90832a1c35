/**
 * One side of real traffic, run inside a namespace:
 *
 *     traffic_peer.ts serve <ready-file> <address>...      HTTP server and UDP echo on each address
 *     traffic_peer.ts request <count> <address>...         HTTP requests, then UDP datagrams, to each
 *     traffic_peer.ts flood <count> <size> <address>       UDP datagrams, one way, as fast as it goes
 *
 * @module
 */
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { say } from "./print.ts";

/** TCP port of the HTTP server. */
const HTTP_PORT = 8080;
/** UDP port of the echo. */
const ECHO_PORT = 9000;
/** UDP port that nothing listens on. */
export const DISCARD_PORT = 9;

/** Bytes of UDP payload; the last one does not fit into one frame and is fragmented. */
const DATAGRAM_SIZES = [0, 1, 64, 512, 1400, 4000];
/** How long a UDP answer may take, milliseconds. */
const ANSWER_LIMIT_MS = 60_000;
/** Datagrams handed to the socket before the flood waits for them to be sent. */
const FLOOD_BURST = 64;

function openSocket(address: string): Socket {
  return createSocket(isIPv6(address) ? "udp6" : "udp4");
}

function bind(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, address, resolve);
  });
}

function send(socket: Socket, data: Uint8Array, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(data, port, address, (error) => error ? reject(error) : resolve())
  );
}

async function serve(readyFile: string, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    await new Promise<void>((listening) => {
      Deno.serve({ hostname: address, port: HTTP_PORT, onListen: () => listening() }, answer);
    });
    const echo = openSocket(address);
    await bind(echo, address, ECHO_PORT);
    echo.on("message", (data, from) => echo.send(data, from.port, from.address));
  }
  Deno.writeTextFileSync(readyFile, "ready\n");
}

/** Answers with as many bytes as the path says: `/<bytes>`. */
async function answer(request: Request): Promise<Response> {
  const received = (await request.bytes()).length;
  const size = Number(new URL(request.url).pathname.slice(1));
  return new Response("x".repeat(size), { headers: { "x-received": String(received) } });
}

async function request(count: number, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const host = isIPv6(address) ? `[${address}]` : address;
    for (let turn = 0; turn < count; turn++) {
      const size = 10 ** (turn % 5);
      const body = "y".repeat(turn * 100);
      const response = await fetch(`http://${host}:${HTTP_PORT}/${size}`, { method: "POST", body });
      const text = await response.text();
      if (text.length !== size || response.headers.get("x-received") !== String(body.length)) {
        throw new Error(`Cannot trust the answer from "${host}": ${text.length} bytes`);
      }
    }
    await echoes(address);
    say(`${count} requests and ${DATAGRAM_SIZES.length} datagrams answered by ${host}`);
  }
}

/** Sends one datagram of each size and waits for each to come back. */
async function echoes(address: string): Promise<void> {
  const socket = openSocket(address);
  for (const size of DATAGRAM_SIZES) {
    const answered = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`No UDP answer of ${size} bytes from "${address}"`)),
        ANSWER_LIMIT_MS,
      );
      socket.once("message", (data) => {
        clearTimeout(timer);
        resolve(data.length);
      });
    });
    await send(socket, new Uint8Array(size), ECHO_PORT, address);
    if (await answered !== size) throw new Error(`Wrong UDP answer from "${address}"`);
  }
  socket.close();
}

async function flood(count: number, size: number, address: string): Promise<void> {
  const socket = openSocket(address);
  const data = new Uint8Array(size);
  for (let sent = 0; sent < count;) {
    const burst = Math.min(FLOOD_BURST, count - sent);
    await Promise.all(
      Array.from({ length: burst }, () => send(socket, data, DISCARD_PORT, address)),
    );
    sent += burst;
  }
  socket.close();
}

if (import.meta.main) {
  const [role, ...words] = Deno.args;
  if (role === "serve") await serve(words[0]!, words.slice(1));
  else if (role === "request") await request(Number(words[0]), words.slice(1));
  else if (role === "flood") await flood(Number(words[0]), Number(words[1]), words[2]!);
  else throw new TypeError(`Unknown role "${role}"`);
}
