// The phone behind the picture: brings line, call and sound together, and says what changed.
import type { EndEvent, IncomingEvent, OutgoingEvent, RTCSession } from "jssip/lib/RTCSession";
import { Audio } from "./audio.ts";
import type { MicrophoneProblem, Use } from "./audio.ts";
import type { Caller } from "./caller.ts";
import type { Configuration } from "./configuration.ts";
import { dialled, target } from "./dialling.ts";
import { Line } from "./line.ts";
import type { LineState } from "./line.ts";
import { after, IDLE, isLive, isTalking, reasonOf } from "./session.ts";
import type { Call, Event } from "./session.ts";

export interface State {
  readonly line: LineState;
  readonly call: Call;
  /** Why the microphone cannot be used, as far as it was tried. */
  readonly microphone: MicrophoneProblem | "";
  /** What would go on if the person agrees to be heard by nobody. */
  readonly waiting: "dial" | "answer" | "";
}

const GATHER_MS = 300;
const NO_CANDIDATE_MS = 1_500;
const LOST_MS = 3_000;
const SHOW_ENDED_MS = 6_000;
const EMERGENCY = ["112", "101", "100"];

export class Phone {
  readonly audio = new Audio();
  readonly configuration: Configuration;
  readonly #line: Line;
  readonly #changed: (state: State) => void;
  #state: State = { line: "connecting", call: IDLE, microphone: "", waiting: "" };
  #session: RTCSession | null = null;
  #forgetting: ReturnType<typeof setTimeout> | undefined;

  constructor(configuration: Configuration, changed: (state: State) => void) {
    this.configuration = configuration;
    this.#changed = changed;
    this.#line = new Line(configuration, {
      state: (line) => this.#set({ line }),
      incoming: (session, from) => this.#incoming(session, from),
      back: () => this.#reroute(),
    });
    this.audio.onDeviceChange(() => void this.#devicesChanged());
    window.addEventListener("beforeunload", (event) => {
      if (isLive(this.#state.call)) event.preventDefault();
    });
  }

  get state(): State {
    return this.#state;
  }

  start(steal = false): Promise<void> {
    return this.#line.start(steal);
  }

  isEmergency(number: string): boolean {
    return (this.configuration.emergency_numbers ?? EMERGENCY).includes(number);
  }

  /** Try the microphone, so that a problem shows before a call does. */
  async tryMicrophone(): Promise<boolean> {
    try {
      await this.audio.open();
      this.#set({ microphone: "", waiting: "" });
      return true;
    } catch (problem) {
      this.#set({ microphone: problem as MicrophoneProblem });
      return false;
    }
  }

  closeMicrophone(): void {
    if (!isLive(this.#state.call)) this.audio.close();
  }

  // ------------------------------------------------------------------------- calls

  /** Call what was typed; false when it is no number. `unheard`: without a microphone. */
  async dial(typed: string, unheard = false): Promise<boolean> {
    const number = dialled(typed);
    if (!number) return false;
    if (isLive(this.#state.call)) return true;
    this.#do({ type: "dial", number });
    const stream = await this.#voice("dial", unheard || this.isEmergency(number));
    if (this.#state.call.phase !== "calling") return true; // hung up while the browser asked
    if (!stream) {
      this.#over("failed", true);
      return true;
    }
    try {
      const options = { ...this.#media(stream), rtcOfferConstraints: { offerToReceiveAudio: true } };
      this.#follow(this.#line.call(target(number, this.configuration.domain), options));
    } catch {
      this.#over("no-line");
    }
    return true;
  }

  async answer(unheard = false): Promise<void> {
    const session = this.#session;
    if (!session || this.#state.call.phase !== "ringing") return;
    const stream = await this.#voice("answer", unheard);
    if (!stream || session !== this.#session || this.#state.call.phase !== "ringing") return;
    session.answer(this.#media(stream));
  }

  /** End, cancel or decline. */
  hangUp(): void {
    const { call, waiting } = this.#state;
    if (waiting === "dial") this.#set({ waiting: "" });
    if (!isLive(call)) return;
    if (!this.#session) {
      this.#over("cancelled");
      return;
    }
    try {
      this.#session.terminate(call.phase === "ringing" ? { status_code: 603, reason_phrase: "Decline" } : {});
    } catch {
      this.#over(isTalking(call) ? "hung-up-here" : "cancelled");
    }
  }

  hold(on: boolean): void {
    if (!this.#session || !isTalking(this.#state.call)) return;
    if (on) this.#session.hold();
    else this.#session.unhold();
  }

  mute(on: boolean): void {
    if (!this.#session || !isTalking(this.#state.call)) return;
    if (on) this.#session.mute({ audio: true });
    else this.#session.unmute({ audio: true });
    this.#do({ type: "mute", on });
  }

  /** A digit to the other side, as RFC 4733 events. */
  digit(digit: string): void {
    const call = this.#state.call;
    if (!this.#session || !(isTalking(call) || call.phase === "early")) return;
    const sender = this.#session.connection?.getSenders().find((one) => one.dtmf);
    if (!sender?.dtmf?.canInsertDTMF) return;
    sender.dtmf.insertDTMF(sender.dtmf.toneBuffer + digit, 120, 80);
    this.#do({ type: "digit", digit });
  }

  async choose(use: Use, id: string): Promise<void> {
    await this.audio.choose(use, id);
    if (use === "ring") this.audio.sample();
    if (use === "microphone") await this.#replaceVoice();
  }

  // ------------------------------------------------------------------------ inside

  /** The microphone; without one the silent stream if `unheard`, else null and the problem is shown. */
  async #voice(waiting: "dial" | "answer", unheard: boolean): Promise<MediaStream | null> {
    await this.audio.unlock().catch(() => {});
    if (await this.tryMicrophone()) return this.audio.open();
    if (unheard) {
      this.#set({ waiting: "" });
      return this.audio.silence();
    }
    this.#set({ waiting });
    return null;
  }

  #media(stream: MediaStream): { mediaStream: MediaStream; pcConfig: RTCConfiguration } {
    return { mediaStream: stream, pcConfig: { iceServers: [] } }; // the operator's relay is all we talk to
  }

  #incoming(session: RTCSession, from: Caller): void {
    if (isLive(this.#state.call)) {
      session.terminate({ status_code: 486, reason_phrase: "Busy Here" });
      return;
    }
    this.#do({ type: "ring", ...from });
    this.#follow(session);
  }

  #follow(session: RTCSession): void {
    this.#session = session;
    const mine = <A extends unknown[]>(work: (...args: A) => void) => {
      return (...args: A) => {
        if (session === this.#session) work(...args);
      };
    };
    let gathering: ReturnType<typeof setTimeout> | undefined;
    session.on("icecandidate", (event) => {
      // Candidates beyond the first third of a second are not worth a caller's wait.
      gathering ??= setTimeout(() => {
        gathering = undefined;
        event.ready();
      }, GATHER_MS);
    });
    session.on("progress", mine((event: IncomingEvent | OutgoingEvent) => {
      if ("response" in event) this.#do({ type: "progress", earlyMedia: Boolean(event.response?.body) });
    }));
    session.on("accepted", mine(() => this.#do({ type: "accepted", at: Date.now() })));
    session.on("hold", mine(({ originator }) => this.#held(originator, true)));
    session.on("unhold", mine(({ originator }) => this.#held(originator, false)));
    session.on("ended", mine((event) => this.#ended(event)));
    session.on("failed", mine((event) => this.#ended(event)));
    const listen = (connection: RTCPeerConnection) => {
      connection.addEventListener("track", (event) => {
        if (session === this.#session) void this.audio.play(event.streams[0] ?? new MediaStream([event.track]));
      });
      connection.addEventListener("icegatheringstatechange", () => {
        if (connection.iceGatheringState !== "gathering") return;
        // Without microphone permission the browser hides its addresses behind multicast DNS, and where that is
        // missing it gathers for ever. JsSIP then sends what it has: the relay sees where we come from anyway.
        setTimeout(() => {
          if (connection.iceGatheringState !== "gathering") return;
          connection.dispatchEvent(new RTCPeerConnectionIceEvent("icecandidate", { candidate: null }));
        }, NO_CANDIDATE_MS);
      });
      connection.addEventListener("iceconnectionstatechange", () => {
        if (connection.iceConnectionState !== "disconnected") return;
        setTimeout(() => {
          if (connection.iceConnectionState === "disconnected") this.#reroute();
        }, LOST_MS);
      });
    };
    if (session.connection) listen(session.connection);
    session.on("peerconnection", ({ peerconnection }) => listen(peerconnection));
  }

  #held(originator: string, on: boolean): void {
    this.#do(originator === "local" ? { type: "hold", on } : { type: "held-by-them", on });
  }

  #ended(event: EndEvent): void {
    const message = event.message as { status_code?: number; getHeader?: (name: string) => string | undefined } | null;
    const code = message?.status_code ?? 0;
    const header = message?.getHeader?.("reason") ?? "";
    const { originator, cause } = event;
    this.#over(reasonOf(this.#state.call, { originator, cause, code, header }), false, code);
  }

  #over(reason: ReturnType<typeof reasonOf>, unseen = false, code = 0): void {
    this.#session = null;
    this.audio.stop();
    this.audio.close();
    this.#do({ type: "over", at: Date.now(), reason, code });
    if (unseen) this.#do({ type: "clear" });
    clearTimeout(this.#forgetting);
    this.#forgetting = setTimeout(() => this.#do({ type: "clear" }), SHOW_ENDED_MS);
  }

  /** A call that went on while the line was away: tell the other side the new way, with new candidates. */
  #reroute(): void {
    const session = this.#session;
    if (!session?.isEstablished() || !this.#line.connected) return;
    session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  async #devicesChanged(): Promise<void> {
    const track = this.#session?.connection?.getSenders().find((one) => one.track)?.track;
    if (track?.readyState === "ended") await this.#replaceVoice();
    this.#changed(this.#state);
  }

  /** Another microphone in the middle of a call, or while its meter shows. */
  async #replaceVoice(): Promise<void> {
    if (!(await this.tryMicrophone())) return;
    const [track] = (await this.audio.open()).getAudioTracks();
    const sender = this.#session?.connection?.getSenders()[0];
    if (!track || !sender) return;
    track.enabled = !(this.#state.call.muted || this.#state.call.phase === "held");
    await sender.replaceTrack(track);
  }

  #do(event: Event): void {
    this.#set({ call: after(this.#state.call, event) });
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    const { call } = this.#state;
    const ringback = call.phase === "early" && !call.earlyMedia;
    this.audio.tone(call.phase === "ringing" ? "ring" : ringback ? "ringback" : "");
    this.#changed(this.#state);
  }
}
