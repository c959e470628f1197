// "Where are you now?": the known places with one tap, another address by hand. It asks; it never stands in a call's way.
import { make, say } from "./elements.ts";
import type { Words } from "./words.ts";
import type { Errors, Where } from "./whereabouts.ts";

const FIELDS = [
  ["street", true], ["house_number", true], ["floor", false], ["postcode", true], ["municipality", true],
] as const;
const AUTOFILL: Record<string, string> = { postcode: "postal-code", municipality: "address-level2" };

export class WherePanel {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #say: (fields: Record<string, string>) => Promise<Errors>;
  readonly #heading: HTMLElement;
  readonly #told: HTMLElement;
  readonly #choices: HTMLElement;
  readonly #done: HTMLElement;
  readonly #problem: HTMLElement;
  readonly #form: HTMLFormElement;
  readonly #other: HTMLDetailsElement;
  #offered = "";

  constructor(words: Words, tell: (fields: Record<string, string>) => Promise<Errors>) {
    this.#words = words;
    this.#say = tell;
    this.#heading = make("h2", { id: "kp-where", tabindex: "-1" }, words.whereNow);
    this.#told = make("p");
    this.#choices = make("div", { class: "kp-places" });
    this.#problem = make("p", { class: "kp-error", role: "alert" });
    this.#form = make(
      "form",
      { novalidate: true, submit: (event: SubmitEvent) => void this.#typed(event) },
      ...FIELDS.map(([name, needed]) => this.#field(name, needed)),
      make("button", { type: "submit", class: "kp-button kp-primary" }, make("span", {}, words.saveWhere)),
    );
    this.#other = make("details", {}, make("summary", {}, words.anotherAddress), this.#form);
    this.#done = make("p", { class: "kp-where-done", role: "status" });
    const asks = make(
      "div", { class: "kp-where" }, this.#heading, this.#told, this.#choices, this.#problem, this.#other,
    );
    this.element = make(
      "section", { class: "kp-where-place", "aria-labelledby": "kp-where", hidden: true }, asks, this.#done,
    );
  }

  /** `busy`: a call is going on, and nothing else asks for attention. */
  show(where: Where | null, busy: boolean): void {
    const asks = Boolean(where?.asks) && !busy;
    const panel = this.#heading.parentElement as HTMLElement;
    panel.hidden = !asks;
    this.element.hidden = !asks && !this.#done.textContent;
    if (!where?.asks) return;
    say(this.#done, "");
    say(this.#told, where.address ? this.#words.whereWhy : `${this.#words.whereNone} ${this.#words.whereWhy}`);
    const offered = JSON.stringify(where.places ?? []);
    if (offered === this.#offered) return; // a button somebody is about to press stays where it is
    this.#offered = offered;
    this.#choices.replaceChildren(...(where.places ?? []).map((place) => this.#choice(place.key, place.words)));
  }

  #choice(key: string, words: string): HTMLButtonElement {
    const click = () => void this.#answer({ place: key });
    return make("button", { type: "button", class: "kp-button kp-plain", click }, make("span", {}, words));
  }

  #field(name: (typeof FIELDS)[number][0], needed: boolean): HTMLElement {
    const id = `kp-where-${name}`;
    const input = make("input", {
      id, name, type: "text", class: "kp-text", required: needed, "aria-describedby": `${id}-error`,
      autocomplete: AUTOFILL[name] ?? "off", inputmode: name === "postcode" ? "numeric" : "text",
    });
    return make(
      "div", {},
      make("label", { for: id }, this.#words[name]),
      make("p", { id: `${id}-error`, class: "kp-error" }),
      input,
    );
  }

  async #typed(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const fields = Object.fromEntries([...new FormData(this.#form)].map(([name, value]) => [name, String(value)]));
    await this.#answer({ ...fields, country: "BE" });
  }

  async #answer(fields: Record<string, string>): Promise<void> {
    const errors = await this.#say(fields);
    this.#refused(errors);
    if (Object.keys(errors).length) return;
    this.#form.reset();
    this.#other.open = false;
    say(this.#done, this.#words.whereSaved);
    this.element.hidden = false;
  }

  #refused(errors: Errors): void {
    const inputs = [...this.#form.querySelectorAll("input")];
    for (const input of inputs) {
      const told = errors[input.name]?.join(" ") ?? "";
      say(this.#form.querySelector(`#${input.id}-error`) as HTMLElement, told);
      input.setAttribute("aria-invalid", String(Boolean(told)));
    }
    const names = new Set<string>(FIELDS.map(([name]) => name));
    const rest = Object.entries(errors).filter(([name]) => !names.has(name)).flatMap(([, told]) => told);
    say(this.#problem, rest.length ? rest.join(" ").trim() || this.#words.whereFailed : "");
    inputs.find((input) => errors[input.name])?.focus();
  }
}
