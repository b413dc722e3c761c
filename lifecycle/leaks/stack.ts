import { Engine } from "../engine/engine";
import { placeOf } from "../place";
import { findLeaks, type LeakReport } from ".";

/** What a stack has left in its cloud, as the cloud is now. */
export async function leaksOf(name: string, say: (text: string) => void): Promise<LeakReport> {
  const engine = await Engine.open(name, { say });
  const [place, { resources }] = await Promise.all([placeOf(engine.stack), engine.state()]);
  say(`Looking in the cloud of stack ${name} ...`);
  return findLeaks(place, resources);
}
