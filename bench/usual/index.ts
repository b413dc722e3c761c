/**
 * The same kind of program as templates write it: one file, root imports, type-checked at each run.
 * `./ralphctl bench` compares the loading of our program with it; it deploys nothing.
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const name = "ralph-orchestrator";
const labels = { app: name };

const provider = new k8s.Provider("cluster", { kubeconfig: config.get("kubeconfig") });
const namespace = new k8s.core.v1.Namespace(name, { metadata: { name } }, { provider });
const metadata = { namespace: namespace.metadata.name, labels };

const settings = new k8s.core.v1.ConfigMap(
  "config",
  { metadata, data: { RALPH_AGENT: config.get("agent") ?? "auto" } },
  { provider },
);
const keys = new k8s.core.v1.Secret(
  "keys",
  { metadata, stringData: { CLAUDE_API_KEY: config.getSecret("claudeKey") ?? "" } },
  { provider },
);
const container: k8s.types.input.core.v1.Container = {
  name: "ralph",
  image: "ghcr.io/mikeyobrien/ralph-orchestrator:v1.0.0",
  envFrom: [{ configMapRef: { name: settings.metadata.name } }, { secretRef: { name: keys.metadata.name } }],
};
new k8s.apps.v1.Deployment(
  "worker",
  {
    metadata,
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  },
  { provider },
);
new k8s.batch.v1.Job(
  "task",
  { metadata, spec: { template: { spec: { restartPolicy: "Never", containers: [container] } } } },
  { provider },
);
new k8s.core.v1.Service(
  "metrics",
  { metadata, spec: { selector: labels, ports: [{ port: 8080 }] } },
  { provider },
);

export const kubernetesNamespace = namespace.metadata.name;
