import { once } from "node:events";

import { DirectServer } from "./git-server";
import { GitService } from "./git-service";
import { TIMING } from "./git-session";
import type { Layout } from "./layout";
import type { Log } from "./log";
import { sessionOf } from "./push";
import type { Settings } from "./settings";

interface Place {
  readonly layout: Layout;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly hide: (secret: string) => void;
  readonly redact: (text: string) => string;
}

/** Serves git until the signal. The layout's workspace has its copy of the repository, which no agent can write to. */
export async function serveGit(
  settings: Settings,
  { layout, env, log, signal, hide, redact }: Place,
  timing = TIMING,
): Promise<void> {
  const { gitSocket, gitBranchPrefix } = settings;
  // The pod's other container ends first: what is under way here has no one who waits for it.
  const session = sessionOf({ settings, layout, env, signal: new AbortController().signal, hide }, timing);
  if (gitSocket === undefined || session === undefined)
    throw new Error("RALPH_GIT_SOCKET and RALPH_SOURCE_REPOSITORY or RALPH_GIT_REMOTE must be set");
  const service = new GitService({
    session,
    branchPrefix: gitBranchPrefix,
    server: (notes) => new DirectServer(settings, session, notes),
    log,
    redact,
  });
  await service.listen(gitSocket);
  log("serving git", { repository: session.address.text });
  if (!signal.aborted) await once(signal, "abort");
  await service.close();
}
