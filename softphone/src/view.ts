// <k-phone config="ID">: what is seen, touched, typed and spoken. It decides nothing: it shows Phone's state.
import { chosen } from "./audio.ts";
import type { Use } from "./audio.ts";
import { readConfiguration } from "./configuration.ts";
import type { Configuration } from "./configuration.ts";
import { dialled, shown } from "./dialling.ts";
import { icon, make, meter, say, setMeter } from "./elements.ts";
import type { Shape } from "./elements.ts";
import { instance } from "./line.ts";
import type { LineState } from "./line.ts";
import { Phone } from "./phone.ts";
import type { State } from "./phone.ts";
import { isLive, isTalking } from "./session.ts";
import type { Call } from "./session.ts";
import { WherePanel } from "./where_panel.ts";
import { Whereabouts } from "./whereabouts.ts";
import type { Where } from "./whereabouts.ts";
import { fill, wordsFor } from "./words.ts";
import type { Words } from "./words.ts";

const KEYS = [
  ["1", ""], ["2", "ABC"], ["3", "DEF"],
  ["4", "GHI"], ["5", "JKL"], ["6", "MNO"],
  ["7", "PQRS"], ["8", "TUV"], ["9", "WXYZ"],
  ["*", ""], ["0", ""], ["#", ""],
] as const;
const METER_MS = 100;

export class PhoneElement extends HTMLElement {
  #phone!: Phone;
  #words!: Words;
  #parts!: ReturnType<PhoneElement["build"]>;
  #shownPhase = "";
  #title = "";
  #keypadInCall = false;
  #micTried = false;
  #whereabouts: Whereabouts | null = null;
  #where: Where | null = null;
  #shownLine = "";

  connectedCallback(): void {
    if (this.#phone) return;
    const configuration = readConfiguration(this);
    this.#words = wordsFor(this.closest("[lang]")?.getAttribute("lang") ?? "en");
    this.#title = document.title;
    this.#phone = new Phone(configuration, (state) => this.#render(state));
    const { location_url, csrf_token } = configuration;
    if (location_url) {
      const urn = `<urn:uuid:${instance()}>`;
      this.#whereabouts = new Whereabouts(location_url, csrf_token ?? "", urn, (where) => this.#located(where));
    }
    this.#parts = this.build(configuration);
    this.replaceChildren(this.#parts.root);
    this.addEventListener("keydown", (event) => this.#key(event));
    setInterval(() => this.#tick(), METER_MS);
    this.#render(this.#phone.state);
    void this.#phone.start();
    void this.#startIfAllowed();
  }

  /** No question is asked on load; only where the microphone was allowed before is the start panel left out. */
  async #startIfAllowed(): Promise<void> {
    const permission = await navigator.permissions?.query({ name: "microphone" as PermissionName }).catch(() => null);
    if (permission?.state !== "granted") return;
    await this.#switchOn();
  }

  async #switchOn(): Promise<void> {
    // Before a touch `resume` waits for one: don't wait with it.
    const unlocked = this.#phone.audio.unlock().then(() => this.#render(this.#phone.state));
    this.#micTried = await this.#phone.tryMicrophone();
    this.#phone.closeMicrophone();
    void unlocked;
    await this.#listDevices();
    this.#render(this.#phone.state);
  }

  // ------------------------------------------------------------------------- build

  /** Everything that can ever be seen; `#render` shows and hides. */
  protected build(configuration: Configuration) {
    const w = this.#words;
    const line = make("span");
    const lineChip = make("p", { class: "kp-state", role: "status" }, icon("wait"), line);
    const useHere = this.#button(w.useHere, "plain", () => void this.#phone.start(true));
    const own = [configuration.number && shown(configuration.number), configuration.extension && `*${configuration.extension}`];
    const head = make(
      "header",
      { class: "kp-head" },
      make("h2", { class: "kp-name" }, configuration.display_name),
      make("p", { class: "kp-own" }, own.filter(Boolean).join(" · ")),
      lineChip,
      useHere,
    );

    const start = make(
      "section",
      { class: "kp-card kp-start" },
      this.#button(w.switchOn, "primary", () => void this.#switchOn()),
      make("p", {}, w.switchOnWhy),
    );

    const problemText = make("p");
    const unheard = this.#button(w.dialUnheard, "plain", () => this.#goUnheard());
    const problem = make(
      "section",
      { class: "kp-card kp-problem", role: "alert" },
      problemText,
      make("div", { class: "kp-row" }, this.#button(w.again, "primary", () => void this.#tryAgain()), unheard),
    );

    const number = make("input", {
      id: "kp-number", class: "kp-number", type: "tel", inputmode: "tel", autocomplete: "off",
      spellcheck: "false", "aria-describedby": "kp-number-hint kp-number-error",
    });
    const numberError = make("p", { id: "kp-number-error", class: "kp-error", role: "alert" });
    const erase = make(
      "button",
      { type: "button", class: "kp-erase", "aria-label": w.erase, click: () => this.#erase() },
      icon("erase"),
    );
    const dialKeypad = this.#keypad((key) => this.#typed(key));
    const dial = make(
      "form",
      { class: "kp-card kp-dial", novalidate: true, submit: (event: SubmitEvent) => this.#dial(event) },
      make("label", { for: "kp-number" }, w.number),
      make("div", { class: "kp-field" }, number, erase),
      numberError,
      make("p", { id: "kp-number-hint", class: "kp-hint" }, w.numberHint),
      dialKeypad,
      this.#submit(w.call),
    );

    const peer = make("h2", { id: "kp-peer", class: "kp-peer", tabindex: "-1" });
    const peerNumber = make("p", { class: "kp-peer-number" });
    const callWords = make("span");
    const callState = make("p", { class: "kp-state", role: "status" }, icon("wait"), callWords);
    const timer = make("p", { class: "kp-timer", role: "timer" });
    const answer = this.#button(w.answer, "go", () => void this.#phone.answer(), "call");
    const hangUp = this.#button(w.hangUp, "stop", () => this.#phone.hangUp(), "down");
    const mute = this.#button(w.mute, "plain", () => this.#phone.mute(!this.#phone.state.call.muted), "mute");
    const hold = this.#button(w.hold, "plain", () => this.#phone.hold(this.#phone.state.call.phase !== "held"), "hold");
    const keys = this.#button(w.keypad, "plain", () => this.#toggleKeypad(), "keys");
    const tools = make("div", { class: "kp-tools" }, mute, hold, keys);
    const digits = make("p", { class: "kp-digits", role: "status" });
    const callKeypad = this.#keypad((key) => this.#phone.digit(key));
    callKeypad.id = "kp-call-keypad";
    keys.setAttribute("aria-controls", callKeypad.id);
    const you = meter(w.microphoneLevel);
    const them = meter(w.speakerLevel);
    const meters = make(
      "div",
      { class: "kp-meters" },
      make("span", { "aria-hidden": "true" }, w.you), you,
      make("span", { "aria-hidden": "true" }, w.them), them,
    );
    const call = make(
      "section",
      { class: "kp-card kp-call", "aria-labelledby": "kp-peer" },
      peer, peerNumber, callState, timer, meters, digits, callKeypad, tools,
      make("div", { class: "kp-row kp-end" }, answer, hangUp),
    );
    const spoken = make("p", { class: "kp-spoken", role: "alert" });

    const told = make(
      "span", {},
      configuration.address
        ? `${fill(w.emergencyAddress, { address: configuration.address })} ${w.emergencyElsewhere}`
        : w.emergencyNone,
    );
    const emergency = make(
      "section",
      { class: "kp-emergency", "aria-label": w.emergency },
      make("p", {}, make("strong", {}, w.emergency), " ", told),
    );
    const where = new WherePanel(w, (fields) => this.#whereabouts?.say(fields) ?? Promise.resolve({}));

    const selects = {
      microphone: this.#select("microphone"),
      speaker: this.#select("speaker"),
      ring: this.#select("ring"),
    };
    const level = meter(w.microphoneLevel);
    const settings = make(
      "details",
      { class: "kp-card kp-sound", toggle: () => void this.#toggleSettings() },
      make("summary", {}, w.sound),
      make("label", { for: "kp-microphone" }, w.microphone), selects.microphone,
      level,
      make("p", { class: "kp-hint" }, w.speak),
      make("label", { for: "kp-speaker" }, w.speaker), selects.speaker,
      make("label", { for: "kp-ring" }, w.ring), selects.ring,
    );
    const noChoice = make("p", { class: "kp-hint", hidden: true }, w.noChoice);
    settings.append(noChoice);

    const root = make(
      "div",
      { class: "kp" },
      head,
      emergency,
      make("div", { class: "kp-main" }, start, problem, call, where.element, dial, spoken),
      settings,
      this.#phone.audio.element,
    );
    return {
      root, line, lineChip, useHere, start, problem, problemText, unheard, number, numberError, erase, dial,
      call, peer, peerNumber, callState, callWords, timer, answer, hangUp, mute, hold, keys, tools, digits,
      callKeypad, you, them, meters, spoken, selects, level, settings, noChoice, told, where,
    };
  }

  #button(text: string, kind: "primary" | "plain" | "go" | "stop", click: () => void, shape?: Shape): HTMLButtonElement {
    const button = make("button", { type: "button", class: `kp-button kp-${kind}`, click });
    if (shape) button.append(icon(shape));
    button.append(make("span", {}, text));
    return button;
  }

  #submit(text: string): HTMLButtonElement {
    return make("button", { type: "submit", class: "kp-button kp-go kp-wide" }, icon("call"), make("span", {}, text));
  }

  #keypad(press: (key: string) => void): HTMLDivElement {
    const keys = KEYS.map(([key, letters]) =>
      make(
        "button",
        { type: "button", class: "kp-key", click: () => press(key) },
        make("span", {}, key),
        make("small", { "aria-hidden": "true" }, letters),
      ),
    );
    return make("div", { class: "kp-keypad", role: "group", "aria-label": this.#words.keypad }, ...keys);
  }

  #select(use: Use): HTMLSelectElement {
    return make("select", {
      id: `kp-${use}`,
      change: (event: Event) => void this.#phone.choose(use, (event.target as HTMLSelectElement).value),
    });
  }

  // ------------------------------------------------------------------------ render

  #render(state: State): void {
    if (!this.#parts) return;
    const { call, line } = state;
    const p = this.#parts;
    this.dataset["line"] = line;
    this.dataset["phase"] = call.phase;
    const silent = line === "ready" && !this.#phone.audio.unlocked;
    chip(p.lineChip, p.line, silent ? "warn" : LINE_SHAPE[line], silent ? this.#words.readySilent : this.#words[line]);
    p.useHere.hidden = line !== "elsewhere";
    p.start.hidden = isLive(call) || line === "elsewhere" || state.microphone !== "" ||
      (this.#micTried && this.#phone.audio.unlocked);
    this.#renderProblem(state);
    const seen = call.phase !== "idle";
    p.call.hidden = !seen;
    p.dial.hidden = isLive(call) || line === "elsewhere";
    if (seen) this.#renderCall(call);
    if (call.phase !== this.#shownPhase) this.#phaseChanged(call);
    if (line === "ready" && this.#shownLine !== "ready") this.#whereabouts?.registered();
    this.#shownLine = line;
    p.where.show(this.#where, isLive(call));
  }

  /** The portal has said where this phone is. */
  #located(where: Where): void {
    if (!where.device) return;
    this.#where = where;
    const { address, words, notice } = where;
    const w = this.#words;
    const told = address ? fill(w.whereTold, { address, state: (words ?? "").toLocaleLowerCase() }) : w.whereNone;
    say(this.#parts.told, [told, where.asks ? w.emergencyElsewhere : "", notice].filter(Boolean).join(" "));
    this.#render(this.#phone.state);
  }

  #renderProblem({ microphone, waiting, call }: State): void {
    const p = this.#parts;
    const w = this.#words;
    const shownProblem = microphone !== "" && (waiting !== "" || !isLive(call) || isTalking(call));
    p.problem.hidden = !shownProblem;
    if (!shownProblem) return;
    const why = microphone === "busy" ? w.busyMicrophone : w[microphone];
    say(p.problemText, waiting || isTalking(call) ? `${why} ${w.unheard}` : why);
    p.unheard.hidden = !waiting;
    relabel(p.unheard, waiting === "answer" ? w.answerUnheard : w.dialUnheard);
  }

  #renderCall(call: Call): void {
    const p = this.#parts;
    const w = this.#words;
    const nice = call.number ? shown(call.number) : w.unknown;
    say(p.peer, call.name || nice);
    say(p.peerNumber, call.name && call.name !== nice ? nice : "");
    const [shape, text] = this.#told(call);
    chip(p.callState, p.callWords, shape, text);
    const talking = isTalking(call);
    p.timer.hidden = !call.since;
    p.meters.hidden = !talking;
    p.tools.hidden = !(talking || call.phase === "early");
    p.mute.hidden = p.hold.hidden = !talking;
    p.callKeypad.hidden = p.tools.hidden || !this.#keypadInCall;
    p.keys.setAttribute("aria-expanded", String(this.#keypadInCall));
    p.mute.setAttribute("aria-pressed", String(call.muted));
    p.hold.setAttribute("aria-pressed", String(call.phase === "held"));
    relabel(p.mute, call.muted ? w.unmute : w.mute);
    relabel(p.hold, call.phase === "held" ? w.resume : w.hold);
    say(p.digits, call.digits ? fill(w.sent, { digits: call.digits }) : "");
    p.answer.hidden = call.phase !== "ringing";
    p.hangUp.hidden = !isLive(call);
    relabel(p.hangUp, call.phase === "ringing" ? w.decline : w.hangUp);
  }

  #told(call: Call): [Shape, string] {
    const w = this.#words;
    switch (call.phase) {
      case "idle":
        return ["off", ""];
      case "ended": {
        const reason = call.reason || "failed";
        if (reason === "no-line" && this.#phone.isEmergency(call.number)) return ["bad", w.noLineEmergency];
        const quiet = ["hung-up-here", "hung-up-there", "cancelled", "declined-here", "answered-elsewhere"];
        return [quiet.includes(reason) ? "off" : "warn", fill(w[reason], { code: call.code })];
      }
      case "held":
        return ["wait", w.held];
      case "talking":
        if (call.heldByThem) return ["wait", w.heldByThem];
        return call.muted ? ["warn", w.muted] : ["ok", w.talking];
      default:
        return ["wait", w[call.phase]];
    }
  }

  #phaseChanged(call: Call): void {
    const p = this.#parts;
    const before = this.#shownPhase;
    this.#shownPhase = call.phase;
    const ringing = call.phase === "ringing";
    const who = `${p.peer.textContent} ${this.#words.ringing}`;
    say(p.spoken, ringing ? who : "");
    document.title = ringing ? who : this.#title;
    if (!isLive(call)) this.#keypadInCall = false;
    if (call.phase === "talking" && before !== "held") p.number.value = "";
    // Focus goes to the call when the person began or answered it, never away from what they are typing.
    const inside = this.contains(document.activeElement) || document.activeElement === document.body;
    const typing = ringing && document.activeElement === p.number && p.number.value !== "";
    if (!inside || typing) return;
    if (call.phase === "calling" || ringing || (call.phase === "talking" && before === "ringing")) {
      (p.call.contains(document.activeElement) && !hiddenNow(document.activeElement) ? null : p.peer)?.focus();
    } else if (call.phase === "ended") {
      // A focused field would raise the keyboard of a touch screen.
      (matchMedia("(pointer: fine)").matches ? p.number : p.peer).focus({ preventScroll: true });
    }
  }

  #tick(): void {
    const { call } = this.#phone.state;
    const p = this.#parts;
    if (call.since) say(p.timer, clock((call.endedAt || Date.now()) - call.since));
    if (isTalking(call) || p.settings.open) {
      const { microphone, remote } = this.#phone.audio.levels();
      setMeter(p.you, call.muted || call.phase === "held" ? 0 : microphone);
      setMeter(p.them, remote);
      setMeter(p.level, microphone);
    }
  }

  // ----------------------------------------------------------------------- actions

  #dial(event: SubmitEvent): void {
    event.preventDefault();
    const p = this.#parts;
    const typed = p.number.value;
    const wrong = !dialled(typed);
    const w = this.#words;
    say(p.numberError, wrong ? w.badNumber + (typed ? ` ${fill(w.entered, { typed })}` : "") : "");
    p.number.setAttribute("aria-invalid", String(wrong));
    if (wrong) p.number.focus();
    else void this.#phone.dial(typed);
  }

  #goUnheard(): void {
    const { waiting } = this.#phone.state;
    if (waiting === "answer") void this.#phone.answer(true);
    else void this.#phone.dial(this.#parts.number.value, true);
  }

  async #tryAgain(): Promise<void> {
    const { waiting } = this.#phone.state;
    await this.#switchOn();
    if (this.#phone.state.microphone) return;
    if (waiting === "answer") await this.#phone.answer();
    if (waiting === "dial") await this.#phone.dial(this.#parts.number.value);
  }

  #typed(key: string): void {
    const { number } = this.#parts;
    const from = number.selectionStart ?? number.value.length;
    number.setRangeText(key, from, number.selectionEnd ?? from, "end");
  }

  #erase(): void {
    const { number } = this.#parts;
    number.value = number.value.slice(0, -1);
    number.focus();
  }

  #toggleKeypad(): void {
    this.#keypadInCall = !this.#keypadInCall;
    this.#render(this.#phone.state);
  }

  async #toggleSettings(): Promise<void> {
    if (!this.#parts.settings.open) {
      this.#phone.closeMicrophone();
      return;
    }
    this.#micTried = await this.#phone.tryMicrophone();
    await this.#listDevices();
    this.#render(this.#phone.state);
  }

  async #listDevices(): Promise<void> {
    const { microphones, speakers, canChooseSpeaker } = await this.#phone.audio.devices();
    const { selects, noChoice } = this.#parts;
    this.#offer("microphone", microphones);
    this.#offer("speaker", speakers);
    this.#offer("ring", speakers);
    selects.speaker.disabled = selects.ring.disabled = !canChooseSpeaker;
    noChoice.hidden = canChooseSpeaker;
  }

  #offer(use: Use, devices: readonly MediaDeviceInfo[]): void {
    const options = devices
      .filter((device) => device.deviceId !== "default")
      .map((device) => make("option", { value: device.deviceId }, device.label));
    const select = this.#parts.selects[use];
    select.replaceChildren(make("option", { value: "" }, this.#words.byDefault), ...options);
    select.value = chosen(use);
    if (select.selectedIndex < 0) select.value = "";
  }

  /** Keys count only while the focus is inside the phone (WCAG 2.1.4). */
  #key(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    const { call } = this.#phone.state;
    const on = event.target as HTMLElement;
    if (event.ctrlKey) {
      if (event.key.toLowerCase() !== "m" || !isTalking(call)) return;
      this.#phone.mute(!call.muted);
    } else if (event.key === "Escape") {
      if (!isLive(call)) return;
      this.#phone.hangUp();
    } else if (event.key === "Enter") {
      // A control that has the focus keeps its own meaning of Enter.
      if (call.phase !== "ringing" || on.closest("button, input, select, summary")) return;
      void this.#phone.answer();
    } else if (/^[0-9*#]$/.test(event.key) && !on.closest("input, select")) {
      if (isLive(call)) this.#phone.digit(event.key);
      else {
        this.#parts.number.focus();
        this.#typed(event.key);
      }
    } else return;
    event.preventDefault();
  }
}

const LINE_SHAPE: Record<LineState, Shape> = {
  connecting: "wait",
  ready: "ok",
  offline: "warn",
  elsewhere: "off",
  "refused-password": "bad",
  "refused-devices": "bad",
  refused: "bad",
};

function chip(element: HTMLElement, words: HTMLElement, shape: Shape, text: string): void {
  if (element.dataset["s"] !== shape) {
    element.dataset["s"] = shape;
    element.querySelector("svg")?.replaceWith(icon(shape));
  }
  say(words, text);
}

function relabel(button: HTMLButtonElement, text: string): void {
  const span = button.querySelector("span");
  if (span) say(span, text);
}

function hiddenNow(element: Element | null): boolean {
  return !element || (element as HTMLElement).offsetParent === null;
}

function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
