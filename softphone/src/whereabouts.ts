// Where this phone is, as the portal has it: asked once it registered and every minute; told when somebody answers.
export interface Choice {
  readonly key: string;
  readonly words: string;
}

/** What the portal answers; `device` false: it has not heard of this phone yet. */
export interface Where {
  readonly device: boolean;
  readonly asks: boolean;
  readonly shape?: "ok" | "wait" | "warn" | "bad";
  readonly words?: string;
  readonly address?: string;
  readonly places?: readonly Choice[];
  readonly notice?: string;
}

export type Errors = Readonly<Record<string, readonly string[]>>;

const AFTER_REGISTERING_MS = [1_500, 3_000, 6_000, 12_000];
const EVERY_MS = 60_000;

export class Whereabouts {
  readonly #url: string;
  readonly #token: string;
  readonly #instance: string;
  readonly #changed: (where: Where) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  /** `url` answers GET and POST (portal/emergency/phone_views.py); `instance` is the +sip.instance. */
  constructor(url: string, token: string, instance: string, changed: (where: Where) => void) {
    this.#url = url;
    this.#token = token;
    this.#instance = instance;
    this.#changed = changed;
  }

  /** Registered, perhaps from somewhere else: look soon, and then every minute. */
  registered(): void {
    this.#turn++;
    this.#next(0);
  }

  /** It is there: `place` is the key of a choice, or the fields of an address. What is wrong, else nothing. */
  async say(fields: Readonly<Record<string, string>>): Promise<Errors> {
    const headers = { "X-CSRFToken": this.#token, Accept: "application/json" };
    const body = new URLSearchParams({ ...fields, instance: this.#instance });
    const answer = await fetch(this.#url, { method: "POST", headers, body }).catch(() => null);
    if (answer?.status === 422) return ((await answer.json()) as { errors: Errors }).errors;
    if (!answer?.ok) return { "": [""] };
    this.#changed((await answer.json()) as Where);
    return {};
  }

  #next(step: number): void {
    clearTimeout(this.#timer);
    const turn = this.#turn;
    this.#timer = setTimeout(() => void this.#look(step, turn), AFTER_REGISTERING_MS[step] ?? EVERY_MS);
  }

  async #look(step: number, turn: number): Promise<void> {
    const url = `${this.#url}?instance=${encodeURIComponent(this.#instance)}`;
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (turn !== this.#turn) return;
    const where = answer?.ok ? ((await answer.json().catch(() => null)) as Where | null) : null;
    if (where) this.#changed(where);
    this.#next(step + 1);
  }
}
