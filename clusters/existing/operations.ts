import { context } from ".";
import type { SharedClusterOperations } from "../operations";

const option = (flag: string, value: string | undefined): string[] =>
  value === undefined ? [] : [flag, value];

export const operations = {
  ownsCluster: false,
  where: ["kubeconfig", "context"],
  kubeconfig: ({ where }) => context(where).kubeconfig,
  kubectlOptions: ({ where }) => [
    ...option("--kubeconfig", where.kubeconfig),
    ...option("--context", where.context),
  ],
} satisfies SharedClusterOperations<"kubeconfig" | "context">;
