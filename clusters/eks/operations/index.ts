import type { CloudOperations } from "../../operations";
import { blockers } from "./blockers";
import { podCredentials } from "./pod-credentials";
import { importIds } from "./imports";
import { byId, removalOrder } from "./kinds";
import { cluster, leaks } from "./leaks";
import { login } from "./login";
import { outdated } from "./outdated";
import { quiet } from "./quiet";
import { sweeps } from "./sweeps";
import { failures } from "./failures";

export const operations = {
  ownsCluster: true,
  provider: "aws",
  where: [], // the provider's region is all
  clusterType: "aws:eks/cluster:Cluster",
  stackTag: (stack) => stack,
  program: {
    install: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    logIn: "aws sso login, or credentials in the environment",
    lag: [5_000, 15_000, 30_000],
  },
  login,
  cluster,
  leaks,
  byId,
  removalOrder,
  blockers,
  located: (place) => place,
  quiet,
  outdated,
  addonLabels: {},
  sweeps,
  importIds,
  podCredentials,
  failures,
  preview: { plugins: ["aws", "eks"], ownerValues: { "aws:region": "us-west-2" } },
} satisfies CloudOperations<never>;
