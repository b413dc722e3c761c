import type { V1ContainerState } from "@kubernetes/client-node";

import { type End, ENDS } from "../../../runner/src/contract";
import { called, containers, family, once } from "../pods";
import { check, type Context } from "../types";

type Fix = (context: Context) => string[];

/** What mends an end of the runner, where a command can. */
const FIXES: Readonly<Partial<Record<End, Fix>>> = {
  limit: ({ set, up }) => [set("config.maxIterations", "200"), up],
  prompt: ({ set, up }) => [set('prompts["task.md"]', "<text>"), up],
  configuration: ({ setSecret, up }) => [setSecret("apiKeys.claude"), up],
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What an exit code says of a Ralph container: those of the runner, shells and container runtimes. */
export const EXIT_CODES: Readonly<Record<number, { readonly cause: string; readonly fix?: Fix }>> = {
  126: { cause: "The image's entry point cannot be run." },
  127: {
    cause: "The image has no such program: it is not one of runner/.",
    fix: ({ set, up }) => [set("image.repository", "<repository>"), up],
  },
  137: { cause: "Killed: it did not end in time when it was asked to, or its liveness probe failed." },
  139: { cause: "A program in it read memory that is not its own (SIGSEGV)." },
  ...Object.fromEntries(
    (Object.keys(ENDS) as End[]).map((end) => [
      ENDS[end].code,
      { cause: sentence(ENDS[end].meaning), fix: FIXES[end] },
    ]),
  ),
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
