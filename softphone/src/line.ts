// The line: registers, stays registered, comes back after sleep, and hands calls over.
import * as JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent } from "jssip/lib/UA";
import { caller } from "./caller.ts";
import type { Caller } from "./caller.ts";
import type { Configuration } from "./configuration.ts";
import { LineSocket } from "./socket.ts";

export type LineState =
  | "connecting"
  | "ready"
  | "offline"
  /** Another window of this browser has the phone. */
  | "elsewhere"
  | "refused-password"
  | "refused-devices"
  | "refused";

export interface LineEvents {
  readonly state: (state: LineState) => void;
  readonly incoming: (session: RTCSession, from: Caller) => void;
  /** Registered again after the connection was gone: a call needs its new route. */
  readonly back: () => void;
}

const WAKE_TICK_MS = 5_000;
const RETRY_REFUSED_MS = 60_000;
const LOCK = "kiestoon-phone";
const INSTANCE = "kiestoon-phone-instance";

export class Line {
  readonly #configuration: Configuration;
  readonly #events: LineEvents;
  readonly #socket: LineSocket;
  #ua: JsSIP.UA | null = null;
  #lastTick = Date.now();
  #wasGone = false;
  #watching = false;
  #waiting: AbortController | null = null;

  constructor(configuration: Configuration, events: LineEvents) {
    this.#configuration = configuration;
    this.#events = events;
    this.#socket = new LineSocket(configuration.ws_url);
  }

  /** Register, unless another window has the phone: then when that one goes. `steal` takes it from there. */
  async start(steal = false): Promise<void> {
    this.#waiting?.abort();
    if (!(await this.#claim(steal ? { steal } : { ifAvailable: true }))) {
      this.#events.state("elsewhere");
      this.#waiting = new AbortController();
      if (!(await this.#claim({ signal: this.#waiting.signal }))) return;
    }
    this.#ua ??= this.#agent();
    this.#events.state("connecting");
    this.#ua.start();
    this.#watch();
  }

  /** Notice sleep, a changed network, a window that comes back. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    window.addEventListener("online", () => this.refresh());
    window.addEventListener("pageshow", () => this.refresh());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.refresh();
    });
    window.addEventListener("pagehide", (event) => {
      // A page that may come back keeps its registration; one that goes for good says so.
      if (!event.persisted) this.#ua?.stop();
    });
    setInterval(() => {
      const now = Date.now();
      if (now - this.#lastTick > 4 * WAKE_TICK_MS) this.refresh(); // timers stood still: the machine slept
      this.#lastTick = now;
    }, WAKE_TICK_MS);
  }

  /** Something may have changed under us: prove the line, or connect at once instead of at the next try. */
  refresh(): void {
    const ua = this.#ua;
    if (!ua) return;
    if (this.#socket.isConnected()) ua.register();
    else (ua as unknown as { transport: { connect(): void } }).transport.connect();
  }

  call(target: string, options: Parameters<JsSIP.UA["call"]>[1]): RTCSession {
    if (!this.#ua) throw new Error("no line");
    return this.#ua.call(target, options);
  }

  get connected(): boolean {
    return this.#socket.isConnected();
  }

  #agent(): JsSIP.UA {
    const { domain, username, display_name, ha1, password, realm } = this.#configuration;
    const secret = ha1 ? { ha1, realm: realm ?? domain } : { password: password ?? "" };
    const ua = new JsSIP.UA({
      sockets: this.#socket,
      uri: `sip:${username}@${domain}`,
      display_name,
      ...secret,
      instance_id: instance(),
      register: true,
      register_expires: 300,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 15,
      user_agent: "Kiestoon softphone",
    });
    ua.on("connecting", () => this.#events.state("connecting"));
    ua.on("disconnected", () => {
      this.#wasGone = true;
      this.#events.state("offline");
    });
    ua.on("registered", () => {
      this.#events.state("ready");
      if (this.#wasGone) this.#events.back();
      this.#wasGone = false;
    });
    ua.on("unregistered", () => {
      if (ua.isConnected()) this.#events.state("connecting");
    });
    ua.on("registrationFailed", ({ response }) => {
      if (!response) return; // the connection went: "disconnected" says it
      this.#events.state(refusal(response.status_code, response.reason_phrase));
      setTimeout(() => this.refresh(), RETRY_REFUSED_MS);
    });
    ua.on("newRTCSession", (event: IncomingRTCSessionEvent | OutgoingRTCSessionEvent) => {
      if ((event.originator as string) !== "remote") return;
      const { request } = event as IncomingRTCSessionEvent;
      this.#events.incoming(
        event.session,
        caller(request.getHeader("P-Asserted-Identity"), request.getHeader("From") ?? ""),
      );
    });
    return ua;
  }

  /** One window of a browser registers: two would take each other's calls. */
  #claim(how: LockOptions): Promise<boolean> {
    if (!("locks" in navigator)) return Promise.resolve(true);
    return new Promise((resolve) => {
      let held = false;
      navigator.locks
        .request(LOCK, how, (lock) => {
          held = lock !== null;
          resolve(held);
          return held ? new Promise(() => {}) : undefined; // held as long as this window lives
        })
        .catch(() => {
          if (held) this.#lose();
          resolve(false);
        });
    });
  }

  /** Another window took the phone, under the same instance: leave without unregistering that one. */
  #lose(): void {
    this.#socket.disconnect();
    this.#ua = null;
    void this.start();
  }
}

function refusal(code: number, phrase: string): LineState {
  if (code === 401 || code === 407) return "refused-password";
  return code === 403 && /device/i.test(phrase) ? "refused-devices" : "refused";
}

let made = "";

/** The same for every visit of this browser, so that a reload replaces its old registration (RFC 5626). */
export function instance(): string {
  try {
    const known = localStorage.getItem(INSTANCE);
    if (known) return known;
    made ||= crypto.randomUUID();
    localStorage.setItem(INSTANCE, made);
    return made;
  } catch {
    return (made ||= crypto.randomUUID()); // storage is blocked: a reload then counts as another device until it expires
  }
}
