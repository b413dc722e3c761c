import type { V1ContainerState } from "@kubernetes/client-node";

import { type End, ENDS } from "../../../runner/src/contract";
import { objectName, containers, family, once } from "../pods";
import { check, type Commands } from "../types";

type Fix = (commands: Commands) => string[];

/** Commands that fix a way in which the runner ended, if there are any. */
const FIXES: Readonly<Partial<Record<End, Fix>>> = {
  limit: ({ set, up }) => [set("config.maxIterations", "200"), up],
  prompt: ({ set, up }) => [set('prompts["task.md"]', "<text>"), up],
  configuration: ({ setSecret, up }) => [setSecret("apiKeys.claude"), up],
};

export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What the exit code of a Ralph container means: the codes of the runner, of shells and of container runtimes. */
export const EXIT_CODES: Readonly<Record<number, { readonly cause: string; readonly fix?: Fix }>> = {
  126: { cause: "The image's entry point is not executable." },
  127: {
    cause: "The image does not contain the program: it was not built from runner/.",
    fix: ({ set, up }) => [set("image.repository", "<repository>"), up],
  },
  137: { cause: "Killed: it did not stop in time when asked to, or its liveness probe failed." },
  139: { cause: "A program in it crashed with a segmentation fault (SIGSEGV)." },
  ...Object.fromEntries(
    (Object.keys(ENDS) as End[]).map((end) => [
      ENDS[end].code,
      { cause: sentence(ENDS[end].meaning), fix: FIXES[end] },
    ]),
  ),
};

const CANNOT_START = ["RunContainerError", "CreateContainerError", "StartError", "ContainerCannotRun"];

/** Containers that crash repeatedly, or never start. */
export const crashes = check({
  name: "crashes",
  alert: "RalphWorkersGone",
  needs: ["pods"],
  look({ pods }, commands) {
    const ended = ({ state, lastState }: { state?: V1ContainerState; lastState?: V1ContainerState }) =>
      state?.terminated ?? lastState?.terminated;
    const found = pods.flatMap((pod) =>
      containers(pod)
        .filter(
          ({ state }) =>
            state?.waiting?.reason === "CrashLoopBackOff" ||
            CANNOT_START.includes(state?.waiting?.reason ?? ""),
        )
        // The memory check reports those.
        .filter((container) => ended(container)?.reason !== "OOMKilled")
        .map((container) => ({ pod, container })),
    );
    return once(found, ({ pod, container }) => `${family(pod)} ${container.name}`).map(
      ({ pod, container }) => {
        const code = ended(container)?.exitCode;
        const { cause, fix } = EXIT_CODES[code ?? -1] ?? {};
        const { reason, message } = container.state?.waiting ?? {};
        const logs = commands.kubectl(`logs ${pod.metadata?.name} -c ${container.name} --previous`);
        return {
          object: objectName("Pod", pod),
          what:
            reason === "CrashLoopBackOff"
              ? `${reason}: exited with code ${code}; ${container.restartCount} restarts`
              : `${reason}: ${message}`,
          cause: cause ?? "Its log says why.",
          fix: [
            ...(reason === "CrashLoopBackOff"
              ? [logs]
              : [commands.kubectl(`describe pod ${pod.metadata?.name}`)]),
            ...(fix?.(commands) ?? []),
          ],
        };
      },
    );
  },
});
