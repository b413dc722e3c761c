import type { Engine } from "./engine/engine";

/** Takes a stack up where a run that was killed has left it. */
export async function recover(engine: Engine, say: (text: string) => void): Promise<void> {
  const { pending } = await engine.state();
  const creates = pending.filter(({ type }) => type === "creating");
  if (creates.length === 0) return;
  const known = creates.flatMap(({ resource: { type, urn, inputs } }) => {
    const { namespace, name } = (inputs?.metadata ?? {}) as { namespace?: string; name?: string };
    if (!type.startsWith("kubernetes:") || name === undefined) return [];
    return [urn, namespace === undefined ? name : `${namespace}/${name}`];
  });
  say(`Taking up what a run that was killed was in the middle of making:`);
  await engine.command([
    "refresh",
    "--yes",
    "--skip-preview",
    ...known.flatMap((entry) => ["--import-pending-creates", entry]),
  ]);
}
