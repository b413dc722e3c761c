import { z } from "zod";
import { findIf, forbidden, invalid, required } from "../../config/findings";
import { argocd } from "./argocd";
import { flux } from "./flux";
import { image } from "./image";
import { rule, section } from "./section";
import { smoke } from "./smoke";

export const TOOLS = ["none", "argocd", "flux"] as const;

export const gitops = section({
  tool: z.enum(TOOLS).default("none").meta({
    description:
      "`argocd` or `flux`: the tool in the cluster that applies the folder of `./ralphctl render` from a repository (`argocd`, `flux`).",
  }),
  owns: z.enum(["nothing", "workload"]).default("nothing").meta({
    description:
      "`workload`: only the tool creates Ralph's workload, and `pulumi up` the cluster, the namespace, Secrets, claims and the service account. `nothing`: `pulumi up` creates everything, and with a tool it prepares the stack for the change to `workload`.",
  }),
})
  .prefault({})
  .meta({ description: "Who owns the workload: `pulumi up`, or a GitOps tool." });

export const rules = [
  rule({ gitops, argocd, flux }, ({ gitops: { tool, owns }, ...addresses }) => [
    ...findIf(owns === "workload" && tool === "none", () =>
      required(["gitops", "tool"], "flux", "gitops.owns is workload, which a tool must create"),
    ),
    ...(["argocd", "flux"] as const).flatMap((name) =>
      findIf(tool === name && addresses[name].repoURL === undefined, () =>
        required(
          [name, "repoURL"],
          "https://<host>/<owner>/<repository>",
          "the tool needs the repository that holds the rendered manifests",
        ),
      ),
    ),
    ...findIf(tool === "flux" && addresses.argocd.enabled, () =>
      invalid(
        ["argocd", "enabled"],
        true,
        "must be false if gitops.tool is flux: two tools would apply the same",
        "false",
      ),
    ),
  ]),
  rule({ gitops, image, smoke }, ({ gitops: { owns }, ...values }) => [
    ...findIf(owns === "workload" && values.image.build, () =>
      invalid(
        ["image", "build"],
        true,
        "must be false if gitops.owns is workload: no file can name an image that `pulumi up` builds. Set image.repository and image.digest",
        "false",
      ),
    ),
    ...findIf(owns === "workload" && values.smoke.enabled, () =>
      forbidden(
        ["smoke", "enabled"],
        "gitops.owns is workload, and `pulumi up` creates no pods that it could wait for; `./ralphctl verify` starts one",
        "false",
      ),
    ),
  ]),
];
