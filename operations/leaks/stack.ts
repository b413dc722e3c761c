import { Engine } from "../engine/engine";
import { placeOf } from "../place";
import { findLeaks } from ".";
import type { LeakReport } from "./report";

/** What a stack has left in its cloud, as the cloud is now. */
export async function leaksOf(name: string, say: (text: string) => void): Promise<LeakReport> {
  const engine = await Engine.open(name, { say });
  const { resources } = await engine.state();
  const place = await placeOf(engine.stack);
  say(`Looking for what stack ${name} has left behind ...`);
  return findLeaks(place, resources);
}
