import { findContext, fromHome } from "../kubeconfig-files";
import type { SharedClusterOperations } from "../operations";

const option = (flag: string, value: string | undefined): string[] =>
  value === undefined ? [] : [flag, value];

export const operations = {
  ownsCluster: false,
  where: ["kubeconfig", "context"],
  kubeconfig: ({ where }) => findContext(where).kubeconfig,
  kubectlOptions: ({ where }) => [
    // No shell expands `~` in a quoted word.
    ...option("--kubeconfig", where.kubeconfig && fromHome(where.kubeconfig)),
    ...option("--context", where.context),
  ],
} satisfies SharedClusterOperations<"kubeconfig" | "context">;
