/** A line of the log as logfmt, so that machines find fields and people can read it. */
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

/** Hides the credentials in whatever is written. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
}

const RULE = "=".repeat(80);

/** Leaves out the prompt that Ralph prints before each iteration: some 500 lines, nearly all of them its own. */
export function withoutPrompts(print: (line: string) => void): (line: string) => void {
  let inside = false;
  return (line) => {
    if (line.startsWith("PROMPT FOR ")) inside = true;
    else if (inside && line === RULE) inside = false;
    else if (!inside && line !== RULE) print(line);
  };
}
