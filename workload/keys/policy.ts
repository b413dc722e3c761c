import { z } from "zod";
import { checkUnique } from "../../config/checks";
import { matching } from "../../config/formats";
import { rule, section } from "./section";

export const policy = section({
  images: z.enum(["off", "warn", "deny"]).default("off").meta({
    description:
      "What happens to a pod of the namespace with an image that neither this configuration names nor `allowedRegistries` allows. Needs the right to create a ValidatingAdmissionPolicy.",
  }),
  allowedRegistries: z
    .array(
      matching(
        /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/,
        "must be a registry, a folder of one or a repository, such as registry.example.com/team",
      ),
    )
    .default([])
    .meta({ description: "Registries, folders of them or repositories with images for other pods." }),
  requireDigest: z.boolean().default(true).meta({
    description:
      "Whether an image must have a digest. One that this configuration names by a tag needs none, whatever its tag.",
  }),
})
  .prefault({})
  .meta({ description: "The images that pods of the namespace may have (docs/policy.md)." });

export const rules = [rule({ policy }, (config) => checkUnique(config, "policy.allowedRegistries[]"))];
