import { setTimeout } from "node:timers/promises";
import {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "@pulumi/kubernetes/admissionregistration/v1";
import * as pulumi from "@pulumi/pulumi";
import { allowedImages } from "../image/allowed";
import { IMAGE_POLICY } from "../names";
import type { Scope } from "../scope";

/** The server reads changed policies once a second. */
const IN_FORCE_MS = 2000;

/**
 * The images that pods of the namespace may have. The API server itself decides, so there is no pod that must run first.
 * Deployments, Jobs and CronJobs are checked too: refused pods alone would let an update wait until it times out.
 */
export function imagePolicy(scope: Scope): ValidatingAdmissionPolicyBinding | undefined {
  const { name, config, namespace, elsewhere, metadata, options } = scope;
  const { images } = config.policy;
  if (images === "off") return undefined;
  const named = { ...metadata(elsewhere(IMAGE_POLICY)), namespace: undefined };
  const policy = new ValidatingAdmissionPolicy(
    `${name}-image-policy`,
    {
      metadata: named,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            checked("", "v1", "pods", "pods/ephemeralcontainers"),
            checked("apps", "v1", "deployments"),
            checked("batch", "v1", "jobs", "cronjobs"),
          ],
        },
        variables: [
          { name: "spec", expression: specOf("object") },
          { name: "images", expression: imagesOf("variables.spec") },
          // Of pods that started under another policy: a controller that removes a finalizer must not be refused.
          { name: "earlierSpec", expression: specOf("oldObject") },
          { name: "earlier", expression: `oldObject == null ? [] : ${imagesOf("variables.earlierSpec")}` },
          {
            name: "allowed",
            expression: pulumi
              .output(scope.image)
              .apply((image) => JSON.stringify(allowedImages(config, image))),
          },
          {
            name: "refused",
            expression:
              "variables.images.filter(i, !(i in variables.earlier) && !variables.allowed.exists(a, i.matches(a)))",
          },
        ],
        validations: [
          {
            expression: "variables.refused.size() == 0",
            messageExpression: `variables.refused.join(", ") + ": ${rule(config.policy)}"`,
          },
        ],
      },
    },
    options(),
  );
  return new ValidatingAdmissionPolicyBinding(
    `${name}-image-policy`,
    {
      metadata: named,
      spec: {
        policyName: policy.metadata.name,
        validationActions: images === "deny" ? ["Deny"] : ["Warn", "Audit"],
        matchResources: {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        },
      },
    },
    options(),
  );
}

/**
 * The image of Ralph's pods, once the policy is in force that allows it: right after an edit, the server would still
 * compare it with the earlier policy.
 */
export const onceAllowed = (
  { image, config }: Scope,
  binding: ValidatingAdmissionPolicyBinding | undefined,
): pulumi.Input<string> =>
  binding === undefined || config.policy.images !== "deny"
    ? image
    : pulumi.all([image, binding.urn]).apply(async ([reference]) => {
        if (!pulumi.runtime.isDryRun()) await setTimeout(IN_FORCE_MS);
        return reference;
      });

const checked = (group: string, version: string, ...resources: string[]) => ({
  apiGroups: [group],
  apiVersions: [version],
  operations: ["CREATE", "UPDATE"],
  resources,
});

/** The spec of a pod, or of the pods that an object creates. */
const specOf = (object: string): string =>
  `${object}.kind == "Pod" ? ${object}.spec : ${object}.kind == "CronJob" ? ` +
  `${object}.spec.jobTemplate.spec.template.spec : ${object}.spec.template.spec`;

const imagesOf = (spec: string): string =>
  ["containers", "initContainers", "ephemeralContainers"]
    .map((list) => `(has(${spec}.${list}) ? ${spec}.${list}.map(c, c.image) : [])`)
    .join(" + ");

const rule = ({ requireDigest }: Scope["config"]["policy"]): string =>
  `an image must be of this stack or of ralph:policy.allowedRegistries${requireDigest ? ", with its digest" : ""}`;
