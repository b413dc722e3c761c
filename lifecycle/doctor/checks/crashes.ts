import type { V1ContainerState } from "@kubernetes/client-node";

import { called, containers, family, once } from "../pods";
import { check, type Context } from "../types";

/**
 * What an exit code says of a Ralph container: those of the runner (runner/src/exit-codes.ts), then those of
 * shells and container runtimes.
 */
export const EXIT_CODES: Readonly<
  Record<number, { readonly cause: string; readonly fix?: (context: Context) => string[] }>
> = {
  1: { cause: "The agent failed five times in a row, or the loop got nowhere." },
  2: {
    cause: "Iterations or runtime are used up.",
    fix: ({ set, up }) => [set("config.maxIterations", "200"), up],
  },
  64: { cause: "A flag or a variable of the runner is wrong.", fix: ({ up }) => [up] },
  66: {
    cause: "The prompt is missing or empty.",
    fix: ({ set, up }) => [set('prompts["task.md"]', "<text>"), up],
  },
  70: { cause: "A defect of the runner, or a volume or program that fails." },
  78: {
    cause: "There is no API key for the agent, or the image has no program for it.",
    fix: ({ setSecret, up }) => [setSecret("apiKeys.claude"), up],
  },
  126: { cause: "The image's entry point cannot be run." },
  127: {
    cause: "The image has no such program: it is not one of runner/.",
    fix: ({ set, up }) => [set("image.repository", "<repository>"), up],
  },
  137: { cause: "Killed: it did not end in time when it was asked to, or its liveness probe failed." },
  139: { cause: "A program in it read memory that is not its own (SIGSEGV)." },
  143: { cause: "Stopped by a signal; the next run goes on." },
};

const CANNOT_START = ["RunContainerError", "CreateContainerError", "StartError", "ContainerCannotRun"];

/** Containers that end again and again, or never start. */
export const crashes = check({
  name: "crashes",
  needs: ["pods"],
  look({ pods }, context) {
    const ended = ({ state, lastState }: { state?: V1ContainerState; lastState?: V1ContainerState }) =>
      state?.terminated ?? lastState?.terminated;
    const found = pods.flatMap((pod) =>
      containers(pod)
        .filter(
          ({ state }) =>
            state?.waiting?.reason === "CrashLoopBackOff" ||
            CANNOT_START.includes(state?.waiting?.reason ?? ""),
        )
        // That is said by the check of memory.
        .filter((container) => ended(container)?.reason !== "OOMKilled")
        .map((container) => ({ pod, container })),
    );
    return once(found, ({ pod, container }) => `${family(pod)} ${container.name}`).map(
      ({ pod, container }) => {
        const code = ended(container)?.exitCode;
        const { cause, fix } = EXIT_CODES[code ?? -1] ?? {};
        const { reason, message } = container.state?.waiting ?? {};
        const logs = context.kubectl(`logs ${pod.metadata?.name} -c ${container.name} --previous`);
        return {
          object: called("Pod", pod),
          what:
            reason === "CrashLoopBackOff"
              ? `${reason}: ended with code ${code} after each of ${container.restartCount} restarts`
              : `${reason}: ${message}`,
          cause: cause ?? "What it says before it ends is in its log.",
          fix: [
            ...(reason === "CrashLoopBackOff"
              ? [logs]
              : [context.kubectl(`describe pod ${pod.metadata?.name}`)]),
            ...(fix?.(context) ?? []),
          ],
        };
      },
    );
  },
});
