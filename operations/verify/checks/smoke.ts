import type { V1ConfigMap } from "@kubernetes/client-node";

import { ENDS, MOUNTS } from "../../../runner/src/contract";
import { APP_LABELS, PROMPTS_CONFIG_MAP } from "../../../workload/names";
import { taskPod } from "../probe";
import { type Check, type Context, failed, passed } from "../types";

/** A node may have to be added, and the image pulled. */
const PATIENCE_SECONDS = 900;

/** One run of Ralph with the agent that needs no key, like the stack's own `ralph-smoke`. */
export const smoke: Check = {
  name: "smoke",
  shows: "a task of Ralph runs to its end, with the agent that needs no key",
  runsPods: true,
  async run(context) {
    const { sandbox, workers } = context;
    const prompt = await firstPrompt(context);
    const job = await sandbox.start({
      what: "smoke",
      labels: APP_LABELS,
      deadline: PATIENCE_SECONDS,
      pod: taskPod(workers, {
        args: ["--agent=smoke", `--prompt=${MOUNTS.prompts}/${prompt}`, "--max-iterations=3"],
        env: { RALPH_MAX_RUNTIME: "300" },
        output: MOUNTS.output,
      }),
    });
    const { exitCode, startedAfter, pod } = await sandbox.ended(job, PATIENCE_SECONDS);
    if (exitCode !== ENDS.completed.code) {
      const end = Object.values(ENDS).find(({ code }) => code === exitCode);
      return failed(
        `Ralph ended with ${exitCode}: ${end?.meaning ?? "an exit code that is not its own"}`,
        `./ralphctl doctor --stack ${context.stack}`,
      );
    }
    const pulled = (await sandbox.events(pod)).find(({ reason }) => reason === "Pulled");
    const image = pulled?.message?.startsWith("Successfully") ? "image pulled" : "image already on the node";
    return passed(`completed; its container started after ${startedAfter} s, ${image}`);
  },
};

/** Any prompt will do: the smoke agent completes each. */
async function firstPrompt({ client, namespace }: Context): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/${PROMPTS_CONFIG_MAP}`;
  return Object.keys((await client.get<V1ConfigMap>(path)).data ?? {}).sort()[0] ?? "";
}
