/** The address of a cluster, and the program that gets tokens for it. None of it is a credential. */
export interface ExecAccess {
  /** Name of cluster, user and context. */
  readonly name: string;
  readonly server: string;
  /** Base64 PEM; undefined if a public authority issued the server's certificate. */
  readonly certificateAuthority?: string;
  readonly exec: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly installHint: string;
    readonly provideClusterInfo?: true;
  };
}

/** A kubeconfig that runs a program to get a token for each connection. The program must never prompt. */
export function execKubeconfig({ name, server, certificateAuthority, exec }: ExecAccess): string {
  const { env = {}, ...program } = exec;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [
      {
        name,
        cluster: {
          server,
          ...(certificateAuthority === undefined
            ? {}
            : { "certificate-authority-data": certificateAuthority }),
        },
      },
    ],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            interactiveMode: "Never",
            ...program,
            env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
          },
        },
      },
    ],
  });
}
