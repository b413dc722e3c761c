import { z } from "zod";

/** OpenSSH's own format, in which every key without a passphrase begins like this, or PKCS#1, SEC 1 or PKCS#8. */
const PRIVATE_KEY =
  /^\s*-----BEGIN (OPENSSH PRIVATE KEY-----\s+b3BlbnNzaC1rZXktdjEAAAAABG5vbmU|(RSA |EC )?PRIVATE KEY-----\s+M)[\w+/=\s]+-----END [A-Z ]*PRIVATE KEY-----\s*$/;
const KNOWN_HOST = /^(#.*|(@[a-z-]+ +)?\S+ +[a-z0-9@.-]+ +[\w+/]+=*( .*)?)?$/;

/** The file's line ends, whatever a shell or an editor did to them: SSH rejects a key without the last one. */
export const asFile = (text: string): string => `${text.replaceAll("\r\n", "\n").trim()}\n`;

/** A private key that SSH can use without a passphrase, as in its file. */
export const sshPrivateKey = z
  .string()
  .regex(PRIVATE_KEY, "must be a private SSH key without a passphrase")
  .transform(asFile);

/** The content of a known_hosts file. */
export const sshKnownHosts = z
  .string()
  .refine(
    (text) => text.split("\n").every((line) => KNOWN_HOST.test(line.trim())),
    "must be lines of a known_hosts file: host, type and key",
  )
  .transform(asFile);

/** The private key of a GitHub App, which GitHub makes as PKCS#1. */
export const appPrivateKey = z
  .string()
  .regex(
    /^\s*-----BEGIN (RSA )?PRIVATE KEY-----\s[\w+/=\s]+-----END (RSA )?PRIVATE KEY-----\s*$/,
    "must be the private key of a GitHub App, a .pem file",
  )
  .transform(asFile);
