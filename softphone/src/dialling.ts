// What may be typed or pasted into the number field, and what is sent for it.

/** Digits, + * # as dialled; "" when nothing can be dialled. "+32 (0)3 808.01.01" is +3238080101. */
export function dialled(typed: string): string {
  const text = typed.trim().replace(/^tel:/i, "");
  const plain = text.replace(/^((?:\+|00)\s*\d{1,3})\s*\(0\)/, "$1").replace(/[\s().\/\-\u00a0\u202f]/g, "");
  return /^\+?[0-9*#]+$/.test(plain) ? plain : "";
}

/** The SIP URI for it; # may not stand bare in a user part (RFC 3261 section 25.1). */
export function target(number: string, domain: string): string {
  return `sip:${number.replaceAll("#", "%23")}@${domain}`;
}

/** A number as Belgians write it: +3238080101 is 03 808 01 01; what is not Belgian stays as it is. */
export function shown(number: string): string {
  const national = number.startsWith("+32") ? `0${number.slice(3)}` : number;
  if (/^04[5-9]\d{7}$/.test(national)) return grouped(national, 4, 2, 2, 2);
  if (/^0[2349]\d{7}$/.test(national)) return grouped(national, 2, 3, 2, 2);
  if (/^0[1-8]\d{7}$/.test(national)) return grouped(national, 3, 2, 2, 2);
  return number;
}

function grouped(digits: string, ...lengths: number[]): string {
  let at = 0;
  return lengths.map((length) => digits.slice(at, (at += length))).join("\u00a0");
}
