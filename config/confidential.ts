/** Values that no message shows: into a CI log, a key at the wrong place would be published. */

/** How the keys and tokens that providers issue begin. */
const BEGINNINGS =
  "sk-|AIza|AKIA|ASIA|gh[opsur]_|github_pat_|gl[a-z]{2,4}-|xox[a-z]-|hf_|npm_|dckr_|pul-|eyJ[\\w-]+\\.";
const PRIVATE_KEY = "-----BEGIN [A-Z ]*PRIVATE KEY";
const KEYS = new RegExp(`\\b(${BEGINNINGS})[\\w-]{4}|${PRIVATE_KEY}`);
const KEY = new RegExp(`^(${BEGINNINGS}|${PRIVATE_KEY})`);
/** One long word of lower-case and upper-case letters and digits, as generators of keys write it. */
const RANDOM = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/=-]{24,}$/;
/** The keys of cloud providers that hold credentials. */
export const CREDENTIALS =
  /^(?!ralph:)[\w-]+:(secretKey|token|credentials|accessToken|clientSecret|clientCertificatePassword|oidc\w*Token)$/;
/** SSH needs a user, but no password. */
const LOGIN = /(?<!ssh:)\/\/[^/@\s]+@|\/\/[^/@\s]*:[^/@\s]*@/;
const PASSWORD = /:\/\/[^/@\s]*:[^/@\s]+@/;

/** Whether an address has credentials in it. */
export const hasLogin = (address: string): boolean => LOGIN.test(address);

/** Whether a text is a credential for certain: a key or a token, or an address with a password. */
export const isCredential = (text: string): boolean => KEY.test(text) || PASSWORD.test(text);

/** Whether a value looks like a key or a token, or has one in it. */
export function looksSecret(value: unknown): boolean {
  if (typeof value === "string") return KEYS.test(value) || RANDOM.test(value.trim()) || hasLogin(value);
  return value !== null && typeof value === "object" && Object.values(value).some(looksSecret);
}
