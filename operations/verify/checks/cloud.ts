import { operationsOf } from "../../../clusters/operations";
import { askProgram, isUnseen } from "../../leaks/ask";
import { programPod } from "../probe";
import { type Check, failed, passed, skipped } from "../types";

const PATIENCE_SECONDS = 600;

/** What `leaks` and `destroy` ask with later. */
export const program: Check = {
  name: "vendor's program",
  shows: "the vendor's program is logged in and finds the stack's cluster",
  runsPods: false,
  async run({ place, stack }) {
    const operations = operationsOf(place.cloud);
    if (!operations.ownsCluster) return skipped("the stack did not create its cluster");
    const { ask, exists, none } = operations.cluster;
    const answer = await askProgram({ about: "cluster", none }, ask(place), place);
    if (isUnseen(answer)) return failed(answer.reason, answer.fix);
    return answer !== undefined && exists(answer, place)
      ? passed("it finds the cluster")
      : failed(
          "it finds no such cluster: it may be logged in to another account",
          `pulumi stack output clusterName --stack ${stack}`,
        );
  },
};

/** Even if the image is on the node: `Always` asks the registry each time, with the node's own identity. */
export const registry: Check = {
  name: "registry",
  shows: "the nodes pull from the stack's registry, by their own identity",
  runsPods: true,
  async run({ traits, sandbox, workers, stack }) {
    if (!traits.registry) return skipped("the stack's cluster has no registry of its own");
    const pod = programPod(workers, { program: "" });
    const containers = pod.containers.map((container) => ({ ...container, imagePullPolicy: "Always" }));
    const job = await sandbox.start({
      what: "pull",
      deadline: PATIENCE_SECONDS,
      pod: { ...pod, containers },
    });
    const { exitCode, startedAfter } = await sandbox.ended(job, PATIENCE_SECONDS);
    return exitCode === 0
      ? passed(`pulled and started after ${startedAfter} s`)
      : failed(`the container ended with ${exitCode}`, `./ralphctl doctor --stack ${stack}`);
  },
};
