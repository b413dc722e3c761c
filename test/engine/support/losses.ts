import type { Events } from "./events";

/** What a user cannot get back, or waits an hour for: clusters, nodes, volumes, what they are in and stand on. */
const IRREPLACEABLE = new Set([
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:PersistentVolumeClaim",
  "gcp:container/cluster:Cluster",
  "gcp:container/nodePool:NodePool",
  "aws:eks/cluster:Cluster",
  "aws:eks/nodeGroup:NodeGroup",
  "aws:efs/fileSystem:FileSystem",
  "azure-native:containerservice:ManagedCluster",
  "azure-native:containerservice:AgentPool",
  "azure-native:resources:ResourceGroup",
]);
export const isIrreplaceable = (type: string): boolean => IRREPLACEABLE.has(type);

export interface Loss {
  readonly type: string;
  readonly name: string;
}

/** What a run would delete, for good or to make it anew, or is refused because it would, each once. */
export function losses({ operations, diagnostics }: Events): Loss[] {
  const refused = diagnostics
    .filter(({ severity, message }) => severity === "error" && /protected/.test(message))
    .flatMap(({ urn }) => urn ?? []);
  const lost = operations.filter(({ op }) => op === "delete" || op.includes("replace")).map(({ urn }) => urn);
  return [...new Set([...lost, ...refused])]
    .sort()
    .map((urn) => {
      const [, , types = "", name = ""] = urn.split("::");
      return { type: types.slice(types.lastIndexOf("$") + 1), name };
    })
    .filter((loss) => !isDefaultProvider(loss));
}

/** It goes, and nothing with it, whenever an SDK's version changes: the version is its name. */
const isDefaultProvider = ({ type, name }: Loss): boolean =>
  type.startsWith("pulumi:providers:") && name.startsWith("default");
