import * as pulumi from "@pulumi/pulumi";

/** No tag may take their place. */
export const OWN_LABELS: readonly string[] = ["project", "stack"];

/** Marks every resource that can carry labels: by them a sweep finds what a stack has left. */
export const labels = (tags: Readonly<Record<string, string>>): Record<string, string> => ({
  ...tags,
  project: labelValue(pulumi.getProject()),
  stack: labelValue(pulumi.getStack()),
});

/** A stack's name may hold what a label may not. */
export const labelValue = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "-")
    .slice(0, 63);
