/** Quotes a text as one word of a shell command line. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
