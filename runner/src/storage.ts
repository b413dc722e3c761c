/** Whether a call failed for lack of space, inodes or quota on a volume. */
export const isFull = (error: unknown): boolean =>
  ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "") ||
  /No space left on device|Disk quota exceeded/.test((error as Error).message);

export const fullVolume = (folder: string): string =>
  `The volume of ${folder} is full. Delete finished runs in ${folder}/runs, or enlarge it: pulumi config set --path ralph:persistence.workspace.size <size>`;
