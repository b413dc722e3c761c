import { operationsOf } from "../../clusters/operations";
import { say } from "../../lib/progress";
import { Engine } from "../engine/engine";
import { isReal } from "../engine/state";
import { findLeaks } from "../leaks";
import { placeOf } from "../place";
import type { LeakReport } from "../leaks/report";
import type { VerifyReport } from "./report";
import { failed, passed, type Result, skipped } from "./types";
import { toolVersions } from "./versions";

/** What a destroyed stack has left: in its state, and in its cloud. */
export async function inventory(name: string): Promise<VerifyReport> {
  const began = Date.now();
  const engine = await Engine.open(name, { say });
  const { resources } = await engine.state();
  const place = await placeOf(engine.stack);
  const looking = Date.now();
  const leaks = await findLeaks(place, resources);
  const seconds = Math.round((Date.now() - looking) / 1000);
  const operations = operationsOf(place.cloud);
  const program = operations.ownsCluster ? operations.cluster.ask(place)[0] : undefined;
  const left = resources.filter(isReal);
  return {
    stack: name,
    cloud: place.cloud,
    at: new Date(began).toISOString(),
    seconds: Math.round((Date.now() - began) / 1000),
    versions: await toolVersions(resources, program),
    checks: [
      { name: "state", shows: "the stack has no resources", seconds: 0, ...stateResult(left.length, name) },
      {
        name: "inventory",
        shows: "the cloud has nothing of the stack",
        seconds,
        ...leaksResult(leaks, name),
      },
    ],
    leaks,
  };
}

const stateResult = (left: number, stack: string): Result =>
  left === 0 ? passed("no resources") : failed(`${left} resources`, `./ralphctl destroy --stack ${stack}`);

function leaksResult({ leftovers, unseen, looked }: LeakReport, stack: string): Result {
  if (leftovers.length > 0) return failed(`${leftovers.length} left behind, listed below`);
  return unseen.length > 0
    ? skipped("not everything could be looked at; see below", `./ralphctl leaks --stack ${stack}`)
    : passed(
        looked.length === 0 ? "the stack has no cloud" : `nothing is left; looked for ${looked.join(", ")}`,
      );
}
