/** Writes a log line as logfmt, which both machines and people can read. */
export type Log = (message: string, fields?: Readonly<Record<string, string | number>>) => void;

export function createLog(write: (line: string) => void): Log {
  return (message, fields = {}) => {
    const all = { time: new Date().toISOString(), msg: message, ...fields };
    write(
      Object.entries(all)
        .map(
          ([name, value]) => `${name}=${/^[\w.:/-]+$/.test(String(value)) ? value : JSON.stringify(value)}`,
        )
        .join(" "),
    );
  };
}

/** Replaces secrets in a text. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
}

const RULE = "=".repeat(80);

/**
 * Omits the prompt that Ralph prints before each iteration, to its standard error: about 500 lines, most of them its own
 * boilerplate.
 */
export function withoutPrompts(print: (line: string) => void): (line: string) => void {
  let inside = false;
  let before = "";
  return (line) => {
    if (before === RULE && line.startsWith("PROMPT FOR ")) inside = true;
    else if (inside && line === RULE) inside = false;
    else if (!inside && line !== RULE) print(line);
    before = line;
  };
}
