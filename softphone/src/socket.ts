// The WebSocket under JsSIP. Its own one waits minutes for a line that died while the machine slept;
// this one notices a connection that does not open, and a request that nothing answers.
import type { Socket } from "jssip";

const OPEN_MS = 8_000;
const ANSWER_MS = 6_000;
const REQUEST = /^(?!ACK )[A-Z]+ \S+ SIP\/2\.0/;

export class LineSocket implements Socket {
  readonly url: string;
  readonly sip_uri: string;
  via_transport: string;
  onconnect: () => void = () => {};
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => {};
  ondata: (event: any) => void = () => {};
  #ws: WebSocket | null = null;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string) {
    const at = new URL(url);
    this.url = url;
    this.sip_uri = `sip:${at.host};transport=ws`;
    this.via_transport = at.protocol.slice(0, -1).toUpperCase();
  }

  connect(): void {
    if (this.#ws) return;
    const ws = new WebSocket(this.url, "sip");
    ws.binaryType = "arraybuffer";
    ws.onopen = () => {
      this.#expect(0);
      this.onconnect();
    };
    ws.onmessage = ({ data }) => {
      this.#expect(0);
      this.ondata(data);
    };
    ws.onclose = ({ wasClean, code, reason }) => {
      this.disconnect();
      this.ondisconnect(!wasClean, code, reason);
    };
    this.#ws = ws;
    this.#expect(OPEN_MS);
  }

  disconnect(): void {
    this.#expect(0);
    const ws = this.#ws;
    this.#ws = null;
    if (!ws) return;
    ws.onopen = ws.onmessage = ws.onclose = null;
    ws.close();
  }

  /** Give the connection up, as if the other side had closed it. */
  drop(): void {
    if (!this.#ws) return;
    this.disconnect();
    this.ondisconnect(true, 1006, "no answer");
  }

  send(message: string | ArrayBufferLike | Blob | ArrayBufferView): boolean {
    if (!this.isConnected()) return false;
    this.#ws?.send(message as string);
    if (typeof message === "string" && REQUEST.test(message)) this.#expect(ANSWER_MS);
    return true;
  }

  isConnected(): boolean {
    return this.#ws?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.#ws?.readyState === WebSocket.CONNECTING;
  }

  #expect(ms: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = ms ? setTimeout(() => this.drop(), ms) : undefined;
  }
}
