import type { PulumiStack } from "./stacks";

/** Kinds of the workload; those of OPERATED exist only where their operators are installed. */
const KINDS = ["deploy", "pods", "jobs", "cronjobs", "pvc", "hpa", "svc", "ingress", "networkpolicy"];
const OPERATED = [
  {
    kind: "servicemonitors.monitoring.coreos.com",
    columns: "NAME:.metadata.name,INTERVAL:.spec.endpoints[*].interval",
  },
  { kind: "applications.argoproj.io", columns: "NAME:.metadata.name,REPOSITORY:.spec.source.repoURL" },
];

/** What runs in the workload's namespace, as kubectl prints it. */
export async function summary(stack: PulumiStack): Promise<string> {
  const { stdout } = await stack.pulumi(["stack", "output", "namespace"]);
  const namespace = stdout.trim();
  const outputs = await Promise.all([
    ...KINDS.map((kind) => stack.kubectl(["get", kind, "-n", namespace, "--ignore-not-found"])),
    ...OPERATED.map(({ kind, columns }) =>
      stack.kubectl(["get", kind, "-n", namespace, "--ignore-not-found", "-o", `custom-columns=${columns}`]),
    ),
  ]);
  const names = [...KINDS, ...OPERATED.map(({ kind }) => kind.split(".")[0])];
  const tables = outputs.flatMap(({ code, stdout: table }, index) =>
    code === 0 && table.trim() !== "" ? [`${names[index]}\n${table.trimEnd().replace(/^/gm, "  ")}`] : [],
  );
  return [`In namespace ${namespace}:`, ...tables].join("\n");
}
