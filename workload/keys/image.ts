import { z } from "zod";
import { findIf, forbidden, required } from "../../config/findings";
import { matching } from "../../config/formats";
import { clusterRule, section } from "./section";

/** The guide's image. */
export const PUBLISHED_IMAGE = "ghcr.io/mikeyobrien/ralph-orchestrator";

export const image = section({
  registry: matching(
    /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/,
    "must be a registry such as registry.example.com/mirror",
  )
    .optional()
    .meta({
      description:
        "Registry with a copy of each image that the program deploys, under its own path: Ralph's, unless it is built, cluster-autoscaler's and those of kube-prometheus-stack.",
    }),
  repository: matching(
    /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/,
    "must be an image repository without tag or digest",
  )
    .default(PUBLISHED_IMAGE)
    .meta({
      description:
        "Without tag or digest. The default is not published; with `build` it stands for the cluster's own registry.",
    }),
  build: z.boolean().default(false).meta({
    description: "Builds runner/ with Docker, pushes it to `repository` and deploys the result.",
  }),
  tag: matching(/^\w[\w.-]{0,127}$/, "must be an image tag")
    .default("v1.0.0")
    .meta({ description: "Tag of the image." }),
  digest: matching(/^sha256:[a-f0-9]{64}$/, "must be a digest: sha256:<64 hex digits>")
    .optional()
    .meta({ description: "Digest of the image; takes precedence over the tag." }),
  pullPolicy: z
    .enum(["IfNotPresent", "Always", "Never"])
    .default("IfNotPresent")
    .meta({ description: "When a node pulls the image." }),
})
  .prefault({})
  .meta({ description: "Image of every Ralph pod." });

export const rules = [
  clusterRule({ image }, ({ image: { build, repository, digest } }, { registry }) => [
    ...findIf(build && digest !== undefined, () =>
      forbidden(["image", "digest"], "image.build creates the image, and its digest with it"),
    ),
    ...findIf(build && repository === PUBLISHED_IMAGE && registry === undefined, () =>
      required(
        ["image", "repository"],
        "<registry>/<image>",
        "image.build pushes to it, and the cluster has no registry of its own",
      ),
    ),
  ]),
];
