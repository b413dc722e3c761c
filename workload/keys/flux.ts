import { z } from "zod";
import { dnsLabel, dnsSubdomain, matching, publicAddress } from "../../config/formats";
import { folderInRepository } from "./argocd";
import { section } from "./section";

export const flux = section({
  namespace: dnsLabel().default("flux-system").meta({ description: "Namespace of Flux." }),
  repoURL: publicAddress(
    /^(https?|ssh):\/\/\S+$/,
    "must be the address of a git repository: https:// or ssh://",
  )
    .optional()
    .meta({ description: "Repository that holds the rendered manifests." }),
  branch: z.string().min(1).default("main").meta({ description: "Branch of the repository." }),
  path: folderInRepository
    .default("k8s")
    .meta({ description: "Folder of the manifests inside the repository." }),
  interval: matching(/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/, "must be a duration such as 1m or 1h30m")
    .default("5m")
    .meta({ description: "How often Flux looks for commits, and reverts what others have changed." }),
  secretName: dnsSubdomain
    .optional()
    .meta({ description: "Secret in that namespace with the credentials for the repository." }),
})
  .prefault({})
  .meta({ description: "GitRepository and Kustomization `ralph-orchestrator`, if `gitops.tool` is `flux`." });
