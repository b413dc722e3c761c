import { Job } from "@pulumi/kubernetes/batch/v1";
import * as pulumi from "@pulumi/pulumi";
import { SMOKE_JOB } from "../names";
import type { Scope } from "../scope";
import { jobSpec } from "./job";

/** Nodes may have to come, and the image to be pulled: minutes, for a run of a second. */
const WITHIN_SECONDS = 900;

/**
 * One run of Ralph with the agent that needs no key, in the same pod as a task's. Unlike for those, `up` waits
 * until it is complete: then image, volumes, policies and Ralph itself have proved to work together.
 */
export function smoke(scope: Scope, dependsOn: pulumi.Resource[]): Job | undefined {
  const { name, config, metadata, options } = scope;
  if (!config.smoke.enabled) return undefined;
  const [prompt = ""] = Object.keys(config.prompts).sort();
  const job = new Job(
    `${name}-smoke`,
    {
      metadata: {
        ...metadata(SMOKE_JOB, "smoke"),
        // A Job that has failed stays failed: the next `up` makes another one.
        annotations: { "pulumi.com/replaceUnready": "true" },
      },
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
    // Longer than its deadline, so that the Job's own verdict is what is told.
    options({ dependsOn, customTimeouts: { create: `${WITHIN_SECONDS + 60}s` } }),
  );
  // Beside a failure, whose words are the provider's. Of the parent: what is said of a resource that fails is lost.
  void pulumi.log.info(
    `\`pulumi up\` waits for ${SMOKE_JOB} to succeed; what it says: kubectl --namespace ${config.namespace} logs job/${SMOKE_JOB}. ` +
      "After a failure, mend the cause: the next `pulumi up` makes it anew.",
    options().parent,
  );
  return job;
}
