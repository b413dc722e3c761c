import { readFileSync } from "node:fs";

export interface Credentials {
  readonly server: string;
  /** Paths of PEM files. */
  readonly certificateAuthority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

const base64 = (file: string): string => readFileSync(file).toString("base64");

/** A self-contained kubeconfig. Context, cluster and user share one name. */
export function kubeconfig(name: string, credentials: Credentials, namespace = "default"): string {
  const document = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    clusters: [
      {
        name,
        cluster: {
          server: credentials.server,
          "certificate-authority-data": base64(credentials.certificateAuthority),
        },
      },
    ],
    users: [
      {
        name,
        user: {
          "client-certificate-data": base64(credentials.clientCertificate),
          "client-key-data": base64(credentials.clientKey),
        },
      },
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
