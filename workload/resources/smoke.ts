import { Job } from "@pulumi/kubernetes/batch/v1";
import * as pulumi from "@pulumi/pulumi";
import { SMOKE_JOB } from "../names";
import type { Scope } from "../scope";
import { jobSpec } from "./job";

/** Nodes may have to be added and the image pulled: minutes, for a run of one second. */
const WITHIN_SECONDS = 900;

/**
 * One run of Ralph with the agent that needs no key, in a pod like a task's. Unlike for tasks, `up` waits until it
 * completes, which proves that image, volumes, policies and Ralph work together.
 */
export function smoke(scope: Scope, dependsOn: pulumi.Resource[]): Job | undefined {
  const { name, config, metadata, options } = scope;
  if (!config.smoke.enabled) return undefined;
  const [prompt = ""] = Object.keys(config.prompts).sort();
  const job = new Job(
    `${name}-smoke`,
    {
      // A failed Job stays failed: the next `up` recreates it.
      metadata: metadata(SMOKE_JOB, "smoke", { "pulumi.com/replaceUnready": "true" }),
      spec: jobSpec(
        scope,
        {
          name: SMOKE_JOB,
          agent: "smoke",
          prompt,
          maxIterations: 3,
          activeDeadlineSeconds: WITHIN_SECONDS,
          backoffLimit: 1,
        },
        "smoke",
      ),
    },
    // Longer than its deadline, so that the Job's own result is reported.
    options({ dependsOn, customTimeouts: { create: `${WITHIN_SECONDS + 60}s` } }),
  );
  // A failure is reported in the provider's words. Logged for the parent: messages of a failed resource are lost.
  void pulumi.log.info(
    `\`pulumi up\` waits for ${SMOKE_JOB} to succeed; its log: kubectl --namespace ${config.namespace} logs job/${SMOKE_JOB}. ` +
      "After a failure, fix the cause: the next `pulumi up` recreates it.",
    options().parent,
  );
  return job;
}
