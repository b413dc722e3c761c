import { z } from "zod";

/** In OpenSSH's own form, where the text of one without a passphrase begins so, or in PKCS#1, SEC 1 or PKCS#8. */
const PRIVATE_KEY =
  /^\s*-----BEGIN (OPENSSH PRIVATE KEY-----\s+b3BlbnNzaC1rZXktdjEAAAAABG5vbmU|(RSA |EC )?PRIVATE KEY-----\s+M)[\w+/=\s]+-----END [A-Z ]*PRIVATE KEY-----\s*$/;
const KNOWN_HOST = /^(#.*|(@[a-z-]+ +)?\S+ +[a-z0-9@.-]+ +[\w+/]+=*( .*)?)?$/;

/** Whatever a shell or an editor has made of a file's line ends: SSH takes no key without the last one. */
const asFile = (text: string): string => `${text.replaceAll("\r\n", "\n").trim()}\n`;

/** A private key that SSH can use alone, as its file holds it. */
export const sshPrivateKey = z
  .string()
  .regex(PRIVATE_KEY, "must be a private SSH key without a passphrase")
  .transform(asFile);

/** A known_hosts file. */
export const sshKnownHosts = z
  .string()
  .refine(
    (text) => text.split("\n").every((line) => KNOWN_HOST.test(line.trim())),
    "must be lines of a known_hosts file: host, type and key",
  )
  .transform(asFile);
