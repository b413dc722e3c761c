/** Whether a host is named by `*.` and a domain: everything below it, not the domain itself. */
export const isPattern = (host: string): boolean => host.startsWith("*.");

/** Whether a name, or a pattern, stands for a host. */
export const matchesHost = (pattern: string, host: string): boolean =>
  pattern === host || (isPattern(pattern) && host.endsWith(pattern.slice(1)));
