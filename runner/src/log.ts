type Fields = Readonly<Record<string, string | number>>;
export type Log = (message: string, fields?: Fields) => void;

/** `text` is logfmt, which both machines and people can read, and the plain output of Ralph and the agent. */
export type LogFormat = "text" | "json";

/** Writes the runner's own lines. */
export function createLog(write: (line: string) => void, format: LogFormat = "text"): Log {
  return (message, fields = {}) => {
    const all = { time: new Date().toISOString(), msg: message, ...fields };
    if (format === "json") return write(JSON.stringify({ ...all, stream: "runner" }));
    write(
      Object.entries(all)
        .map(
          ([name, value]) => `${name}=${/^[\w.:/-]+$/.test(String(value)) ? value : JSON.stringify(value)}`,
        )
        .join(" "),
    );
  };
}

/**
 * Writes the output of Ralph and the agent.
 *
 * @param context the run that it belongs to
 */
export const createEcho =
  (write: (line: string) => void, format: LogFormat, context: () => Fields): ((line: string) => void) =>
  (line) =>
    write(
      format === "text"
        ? line
        : JSON.stringify({ time: new Date().toISOString(), msg: line, ...context(), stream: "agent" }),
    );

/**
 * Replaces secrets in a text, as they are and as they are written in JSON.
 *
 * @param secrets may grow: a token is known once it is used
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  let forms: string[] = [];
  let known = 0;
  return (text) => {
    if (secrets.length > known) {
      forms = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))];
      known = secrets.length;
    }
    return forms.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
  };
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
