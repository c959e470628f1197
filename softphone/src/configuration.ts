// What the page tells the phone, as JSON in <script type="application/json">.

export interface Configuration {
  readonly ws_url: string;
  /** SIP domain, and digest realm unless `realm` says otherwise. */
  readonly domain: string;
  readonly realm?: string;
  readonly username: string;
  /** MD5(username:realm:password): the page needs no password. */
  readonly ha1?: string;
  readonly password?: string;
  readonly display_name: string;
  readonly extension?: string;
  readonly number?: string;
  /** Where the emergency centre is told this phone stands; empty: none is registered. */
  readonly address: string;
  readonly emergency_numbers?: readonly string[];
  /** Where this phone asks and tells where it is; missing where phones stay where they are installed. */
  readonly location_url?: string;
  /** What a form of the page carries against forgery, for `location_url`. */
  readonly csrf_token?: string;
}

export function readConfiguration(element: HTMLElement): Configuration {
  const id = element.getAttribute("config") ?? "";
  const text = document.getElementById(id)?.textContent;
  if (!text) throw new Error(`k-phone: no configuration in #${id}`);
  const read = JSON.parse(text) as Partial<Configuration>;
  for (const name of ["ws_url", "domain", "username", "display_name", "address"] as const) {
    if (typeof read[name] !== "string") throw new Error(`k-phone: "${name}" is missing in #${id}`);
  }
  return read as Configuration;
}
