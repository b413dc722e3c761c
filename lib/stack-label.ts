/** The label of a namespace that belongs to a stack. */
export const STACK_LABEL = "ralph-orchestrator/stack";

/** The stack's name, as far as a label can hold it. */
export const stackLabel = (stack: string): string =>
  stack.slice(0, 63).replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
