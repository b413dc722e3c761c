import { renderFiles } from "./files";
import { writeFolder } from "./folder";
import { workloadObjects } from "./objects";
import { publish } from "./publish";
import { readStackConfig } from "./stack-config";

export interface RenderOptions {
  readonly stack: string;
  /** The stack's file. */
  readonly file: string;
  readonly folder: string;
  /** The folder as the README in it names it. */
  readonly shownFolder: string;
}

export interface Rendering {
  /** Number of objects that were written. */
  readonly objects: number;
  /** Files of an earlier run that are no longer rendered. */
  readonly removed: readonly string[];
}

/** Writes the Kubernetes objects of a stack into a folder, as its configuration defines them. */
export async function render({ stack, file, folder, shownFolder }: RenderOptions): Promise<Rendering> {
  const objects = publish(await workloadObjects(stack, readStackConfig(file)));
  const files = renderFiles(objects, { stack, folder: shownFolder });
  const removed = writeFolder(folder, files);
  return { objects: files.size - 1, removed };
}
