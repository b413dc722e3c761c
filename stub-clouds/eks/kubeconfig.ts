interface Connection {
  readonly name: string;
  readonly endpoint: string;
  readonly certificateAuthority: string;
  readonly region: string;
  readonly credentials?: { readonly roleArn?: string; readonly profileName?: string };
}

/** `generateKubeconfig` in https://github.com/pulumi/pulumi-eks/blob/v4.3.0/nodejs/eks/cluster/cluster.ts */
export function kubeconfig({ name, endpoint, certificateAuthority, region, credentials = {} }: Connection) {
  const { roleArn, profileName } = credentials;
  const args = [
    ...["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
    ...(roleArn === undefined ? [] : ["--role", roleArn]),
    ...(profileName === undefined ? [] : ["--profile", profileName]),
  ];
  const env = [
    { name: "KUBERNETES_EXEC_INFO", value: '{"apiVersion": "client.authentication.k8s.io/v1beta1"}' },
  ];
  const exec = { apiVersion: "client.authentication.k8s.io/v1beta1", command: "aws", args, env };
  return {
    apiVersion: "v1",
    clusters: [
      {
        cluster: { server: endpoint, "certificate-authority-data": certificateAuthority },
        name: "kubernetes",
      },
    ],
    contexts: [{ context: { cluster: "kubernetes", user: "aws" }, name: "aws" }],
    "current-context": "aws",
    kind: "Config",
    users: [{ name: "aws", user: { exec } }],
  };
}
