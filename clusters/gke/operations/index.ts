import { labelValue } from "../scope";
import type { CloudOperations } from "../../operations";
import { podCredentials } from "./pod-credentials";
import { importIds } from "./imports";
import { cluster, leaks } from "./leaks";
import { login } from "./login";
import { sweeps } from "./sweeps";
import { failures } from "./failures";

export const operations = {
  ownsCluster: true,
  provider: "gcp",
  where: ["location"],
  clusterType: "gcp:container/cluster:Cluster",
  stackTag: labelValue,
  program: {
    install: "https://cloud.google.com/sdk/docs/install",
    logIn: "gcloud auth login",
    lag: [5_000],
  },
  login,
  cluster,
  leaks,
  byId: () => undefined, // no list of gcloud's has what is deleted
  removalOrder: [],
  located: (place) => place,
  blockers: [],
  quiet: () => [],
  addonLabels: {},
  sweeps,
  importIds,
  podCredentials,
  failures,
  preview: { plugins: ["gcp"], ownerValues: { "gcp:project": "preview-project" } },
} satisfies CloudOperations<"location">;
