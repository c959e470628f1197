// One call as a state machine: pure, so that every order of events can be tried without a browser.

export type Phase = "idle" | "calling" | "early" | "ringing" | "talking" | "held" | "ended";

export type Reason =
  | "hung-up-here"
  | "hung-up-there"
  | "cancelled"
  | "declined-here"
  | "missed"
  | "answered-elsewhere"
  | "busy"
  | "declined"
  | "no-answer"
  | "unreachable"
  | "not-found"
  | "not-allowed"
  | "no-media"
  | "no-line"
  | "media-lost"
  | "failed";

export interface Call {
  readonly phase: Phase;
  readonly incoming: boolean;
  readonly number: string;
  readonly name: string;
  /** When talking began, in ms since the epoch; 0 when it never did. */
  readonly since: number;
  readonly endedAt: number;
  readonly muted: boolean;
  /** The other side put us on hold. */
  readonly heldByThem: boolean;
  /** The network brings the tone or announcement: we make none ourselves. */
  readonly earlyMedia: boolean;
  readonly digits: string;
  readonly reason: Reason | "";
  readonly code: number;
}

export type Event =
  | { readonly type: "dial"; readonly number: string }
  | { readonly type: "ring"; readonly number: string; readonly name: string }
  | { readonly type: "progress"; readonly earlyMedia: boolean }
  | { readonly type: "accepted"; readonly at: number }
  | { readonly type: "hold"; readonly on: boolean }
  | { readonly type: "held-by-them"; readonly on: boolean }
  | { readonly type: "mute"; readonly on: boolean }
  | { readonly type: "digit"; readonly digit: string }
  | { readonly type: "over"; readonly at: number; readonly reason: Reason; readonly code: number }
  | { readonly type: "clear" };

export const IDLE: Call = {
  phase: "idle",
  incoming: false,
  number: "",
  name: "",
  since: 0,
  endedAt: 0,
  muted: false,
  heldByThem: false,
  earlyMedia: false,
  digits: "",
  reason: "",
  code: 0,
};

export const isLive = (call: Call): boolean => call.phase !== "idle" && call.phase !== "ended";
export const isTalking = (call: Call): boolean => call.phase === "talking" || call.phase === "held";

/** The state after an event; an event that makes no sense in a state leaves it as it is. */
export function after(call: Call, event: Event): Call {
  switch (event.type) {
    case "dial":
      return isLive(call) ? call : { ...IDLE, phase: "calling", number: event.number };
    case "ring":
      return isLive(call)
        ? call
        : { ...IDLE, phase: "ringing", incoming: true, number: event.number, name: event.name };
    case "progress":
      return call.phase === "calling" || call.phase === "early"
        ? { ...call, phase: "early", earlyMedia: call.earlyMedia || event.earlyMedia }
        : call;
    case "accepted":
      return call.phase === "calling" || call.phase === "early" || call.phase === "ringing"
        ? { ...call, phase: "talking", since: event.at }
        : call;
    case "hold":
      if (!isTalking(call)) return call;
      return { ...call, phase: event.on ? "held" : "talking" };
    case "held-by-them":
      return isTalking(call) ? { ...call, heldByThem: event.on } : call;
    case "mute":
      return isTalking(call) ? { ...call, muted: event.on } : call;
    case "digit":
      return isTalking(call) || call.phase === "early" ? { ...call, digits: call.digits + event.digit } : call;
    case "over":
      return isLive(call)
        ? { ...call, phase: "ended", endedAt: event.at, reason: event.reason, code: event.code, heldByThem: false }
        : call;
    case "clear":
      return call.phase === "ended" ? IDLE : call;
  }
}

export interface Ending {
  /** Who ended it, as JsSIP says it. */
  readonly originator: string;
  readonly cause: string;
  readonly code: number;
  /** The Reason header of a CANCEL (RFC 3326). */
  readonly header: string;
}

/** Why a call is over, from what JsSIP tells. */
export function reasonOf(call: Call, ending: Ending): Reason {
  if (ending.cause === "RTP Timeout") return "media-lost";
  if (ending.cause === "Connection Error") return "no-line";
  if (isTalking(call)) return ending.originator === "remote" ? "hung-up-there" : "hung-up-here";
  if (call.incoming) {
    if (ending.originator === "local") return "declined-here";
    return /cause\s*=\s*2\d\d/.test(ending.header) ? "answered-elsewhere" : "missed";
  }
  if (ending.originator === "local" && ending.cause === "Canceled") return "cancelled";
  return REASON_OF_CODE.get(ending.code) ?? (ending.cause === "Request Timeout" ? "no-line" : "failed");
}

const REASON_OF_CODE = new Map<number, Reason>([
  [403, "not-allowed"],
  [404, "not-found"],
  [408, "no-answer"],
  [410, "not-found"],
  [480, "unreachable"],
  [484, "not-found"],
  [486, "busy"],
  [487, "cancelled"],
  [488, "no-media"],
  [600, "busy"],
  [603, "declined"],
  [604, "not-found"],
  [606, "no-media"],
]);
