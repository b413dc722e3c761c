import { z } from "zod";
import { findIf, required } from "../../config/findings";
import { dnsLabel, dnsSubdomain, matching, publicAddress } from "../../config/formats";
import { rule, section } from "./section";

const INSIDE = "must be a path inside the repository";
export const folderInRepository = matching(/^[^/\s]\S*$/, INSIDE).refine(
  (path) => !path.split("/").includes(".."),
  INSIDE,
);

export const argocd = section({
  enabled: z
    .boolean()
    .default(false)
    .meta({ description: "If true, `repoURL` is required, and Argo CD in the cluster." }),
  namespace: dnsLabel().default("argocd").meta({ description: "Namespace of Argo CD." }),
  project: dnsSubdomain.default("default").meta({ description: "Argo CD project." }),
  repoURL: publicAddress(/^(https?:\/\/|ssh:\/\/|git@)\S+$/, "must be the address of a git repository")
    .optional()
    .meta({ description: "Repository that holds the rendered manifests." }),
  targetRevision: z.string().min(1).default("HEAD").meta({ description: "Branch, tag or commit." }),
  path: folderInRepository
    .default("k8s")
    .meta({ description: "Folder of the manifests inside the repository." }),
  destinationServer: publicAddress(/^https?:\/\/[^\s/]\S*$/, "must be the address of an API server")
    .default("https://kubernetes.default.svc")
    .meta({ description: "API server to apply them to. Defaults to the one that Argo CD runs on." }),
})
  .prefault({})
  .meta({ description: "The Argo CD Application `ralph-orchestrator`." });

export const rules = [
  rule({ argocd }, ({ argocd: { enabled, repoURL } }) =>
    findIf(enabled && repoURL === undefined, () =>
      required(
        ["argocd", "repoURL"],
        "https://<host>/<owner>/<repository>",
        "Argo CD needs the repository that holds the rendered manifests",
      ),
    ),
  ),
];
