// Who calls, from an INVITE: the operator's word (P-Asserted-Identity) before what the caller says of itself.

export interface Caller {
  /** E.164 or an extension; "" when withheld. */
  readonly number: string;
  readonly name: string;
}

export function caller(asserted: string | undefined, from: string): Caller {
  const said = parse(from);
  if (/^anonymous$/i.test(said.user) || /\banonymous\.invalid\b/i.test(said.host)) return { number: "", name: "" };
  const known = asserted ? parse(asserted) : said;
  const number = known.user || said.user;
  const name = known.name || said.name;
  return { number, name: name === number || name === said.user ? "" : name };
}

function parse(value: string): { name: string; user: string; host: string } {
  const uri = /<([^>]*)>/.exec(value)?.[1] ?? value.split(";")[0] ?? "";
  const name = value.includes("<") ? value.slice(0, value.indexOf("<")).trim() : "";
  const [address = "", host = ""] = uri.replace(/^(sips?|tel):/i, "").split("@");
  return {
    name: name.replace(/^"(.*)"$/, "$1").replace(/\\(.)/g, "$1"),
    user: (address.split(";")[0] ?? "").replaceAll("%23", "#"),
    host,
  };
}
