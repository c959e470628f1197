// Sound in and out: microphone, speaker and ring device, level meters, and the tones we make ourselves.

export type MicrophoneProblem = "blocked" | "absent" | "busy" | "insecure";
export type Use = "microphone" | "speaker" | "ring";

export interface Devices {
  readonly microphones: readonly MediaDeviceInfo[];
  readonly speakers: readonly MediaDeviceInfo[];
  /** Whether this browser lets a page choose where it sounds. */
  readonly canChooseSpeaker: boolean;
}

type WithSink<T> = T & { setSinkId?: (id: string) => Promise<void> };

const STORED = "kiestoon-phone-";
/** Rings are laid out ahead for this long: a hidden page's timers run once a minute at worst. */
const RING_SECONDS = 180;

export class Audio {
  readonly element = document.createElement("audio") as WithSink<HTMLAudioElement>;
  #context: WithSink<AudioContext> | null = null;
  #microphone: MediaStream | null = null;
  #microphoneMeter: Meter | null = null;
  #remoteMeter: Meter | null = null;
  #tone: Tone | null = null;

  constructor() {
    this.element.autoplay = true;
  }

  /** Browsers keep a page silent until it is touched; call this from a click or key. */
  async unlock(): Promise<void> {
    await this.#ready().resume();
    await this.#apply("ring");
  }

  get unlocked(): boolean {
    return this.#context?.state === "running";
  }

  // ---------------------------------------------------------------- microphone

  /** The open microphone; throws a MicrophoneProblem. */
  async open(): Promise<MediaStream> {
    if (this.#microphone?.active) return this.#microphone;
    if (!navigator.mediaDevices) throw "insecure" satisfies MicrophoneProblem;
    this.close();
    try {
      this.#microphone = await this.#capture(chosen("microphone"));
    } catch (error) {
      throw problemOf(error);
    }
    this.#microphoneMeter = new Meter(this.#ready(), this.#microphone);
    return this.#microphone;
  }

  async #capture(id: string): Promise<MediaStream> {
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    if (!id) return navigator.mediaDevices.getUserMedia({ audio });
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: { ...audio, deviceId: { exact: id } } });
    } catch (error) {
      if (problemOf(error) === "blocked") throw error;
      return navigator.mediaDevices.getUserMedia({ audio }); // the chosen one is unplugged: take another
    }
  }

  close(): void {
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#microphone = null;
    this.#microphoneMeter = null;
  }

  /** A stream that says nothing: for a call without a microphone. */
  silence(): MediaStream {
    return this.#ready().createMediaStreamDestination().stream;
  }

  // ------------------------------------------------------------------- devices

  async devices(): Promise<Devices> {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    // Before permission the browser lists one nameless device of each kind: no choice to show yet.
    const named = all.filter((device) => device.deviceId && device.label);
    return {
      microphones: named.filter((device) => device.kind === "audioinput"),
      speakers: named.filter((device) => device.kind === "audiooutput"),
      canChooseSpeaker: typeof this.element.setSinkId === "function",
    };
  }

  onDeviceChange(changed: () => void): void {
    navigator.mediaDevices?.addEventListener("devicechange", changed);
  }

  async choose(use: Use, id: string): Promise<void> {
    try {
      localStorage.setItem(STORED + use, id);
    } catch {
      // Storage is blocked: the choice lasts until the page is closed.
    }
    CHOSEN.set(use, id);
    if (use === "microphone") this.close();
    else await this.#apply(use);
  }

  async #apply(use: "speaker" | "ring"): Promise<void> {
    const sink = use === "speaker" ? this.element : this.#context;
    try {
      await sink?.setSinkId?.(chosen(use));
    } catch {
      await sink?.setSinkId?.("").catch(() => {}); // unplugged: the system's default sounds instead
    }
  }

  // --------------------------------------------------------------- the other side

  async play(stream: MediaStream): Promise<void> {
    if (this.element.srcObject !== stream) {
      this.element.srcObject = stream;
      this.#remoteMeter = new Meter(this.#ready(), stream);
    }
    await this.#apply("speaker");
    await this.element.play().catch(() => {}); // a page never touched: the view asks for a touch
  }

  stop(): void {
    this.element.srcObject = null;
    this.#remoteMeter = null;
  }

  /** Levels from 0 to 1 of what we say and what we hear. */
  levels(): { microphone: number; remote: number } {
    return { microphone: this.#microphoneMeter?.level() ?? 0, remote: this.#remoteMeter?.level() ?? 0 };
  }

  // ----------------------------------------------------------------------- tones

  /** Ring here, or the tone a caller hears while it rings there (425 Hz, 1 s on, 3 s off), or nothing. */
  tone(kind: "ring" | "ringback" | ""): void {
    if (this.#tone?.kind === kind) return;
    this.#tone?.stop();
    this.#tone = kind ? new Tone(this.#ready(), kind) : null;
  }

  /** Ring once, as a try-out. */
  sample(): void {
    const once = new Tone(this.#ready(), "ring");
    setTimeout(() => once.stop(), 1500);
  }

  #ready(): WithSink<AudioContext> {
    this.#context ??= new AudioContext();
    return this.#context;
  }
}

class Meter {
  readonly #analyser: AnalyserNode;
  readonly #source: MediaStreamAudioSourceNode; // kept: without a reference it may be collected
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(context: AudioContext, stream: MediaStream) {
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source = context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
  }

  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    const decibel = 10 * Math.log10(sum / this.#samples.length + 1e-10);
    return Math.min(1, Math.max(0, (decibel + 60) / 60)); // -60 dB is silence, 0 dB is full
  }
}

class Tone {
  readonly kind: "ring" | "ringback";
  readonly #oscillators: OscillatorNode[];
  readonly #gain: GainNode;

  constructor(context: AudioContext, kind: "ring" | "ringback") {
    this.kind = kind;
    this.#gain = context.createGain();
    this.#gain.connect(context.destination);
    this.#gain.gain.value = 0;
    const bursts = kind === "ring" ? [[0, 0.4], [0.6, 1]] : [[0, 1]];
    const volume = kind === "ring" ? 0.25 : 0.08;
    for (let at = context.currentTime + 0.05; at < context.currentTime + RING_SECONDS; at += 4) {
      for (const [from = 0, to = 0] of bursts) {
        this.#gain.gain.setTargetAtTime(volume, at + from, 0.015);
        this.#gain.gain.setTargetAtTime(0, at + to, 0.03);
      }
    }
    this.#oscillators = (kind === "ring" ? [660, 880] : [425]).map((frequency) => {
      const oscillator = context.createOscillator();
      oscillator.frequency.value = frequency;
      oscillator.connect(this.#gain);
      oscillator.start();
      return oscillator;
    });
  }

  stop(): void {
    for (const oscillator of this.#oscillators) oscillator.stop();
    this.#gain.disconnect();
  }
}

const CHOSEN = new Map<Use, string>();

export function chosen(use: Use): string {
  try {
    return CHOSEN.get(use) ?? localStorage.getItem(STORED + use) ?? "";
  } catch {
    return CHOSEN.get(use) ?? "";
  }
}

function problemOf(error: unknown): MicrophoneProblem {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotFoundError":
    case "OverconstrainedError":
      return "absent";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "blocked";
  }
}
