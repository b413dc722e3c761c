import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A server's certificate, which is its own authority, in PEM form. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** Where they are. */
  readonly files: { readonly key: string; readonly cert: string };
}

/** @param names as in `subjectAltName`, such as `DNS:localhost` */
export function selfSigned(folder: string, ...names: string[]): Certificate {
  const files = { key: join(folder, "tls.key"), cert: join(folder, "ca.crt") };
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=server", "-addext", `subjectAltName=${names.join()}`];
  execFileSync("openssl", ["req", "-x509", ...curve, "-keyout", files.key, "-out", files.cert, ...subject], {
    stdio: "pipe",
  });
  return { key: readFileSync(files.key, "utf8"), cert: readFileSync(files.cert, "utf8"), files };
}
