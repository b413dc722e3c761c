import { isScalar, LineCounter, parseDocument, visit } from "yaml";

/** What a YAML file contains. */
export interface YamlFile {
  readonly value: unknown;
  /** A number or a word as it is written: `2.10`, which is 2.1 as a number. */
  readonly written: (at: readonly (string | number)[]) => string | undefined;
}

/** Why a text is not one YAML document. The message continues a sentence that begins with the file's name. */
export class YamlError extends Error {}

/**
 * Reads one YAML document as the engine does: with merge keys.
 *
 * @throws YamlError without any value of the file, which may be a secret
 */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  if (problem?.code === "MULTIPLE_DOCS") throw new YamlError("must be one YAML document");
  const at = (offset: number): string => `line ${lines.linePos(offset).line}`;
  const template = text.search(/^[^#'"\n]*\{\{/m);
  if (template >= 0 && (problem !== undefined || hasMapKey(document)))
    throw new YamlError(
      `must not contain a Helm template, {{ ... }}: only \`helm template\` expands it (${at(text.indexOf("{{", template))})`,
    );
  if (problem !== undefined)
    throw new YamlError(`is not valid YAML: ${firstLine(problem.message)} (${at(problem.pos[0])})`);
  const written: YamlFile["written"] = (path) => {
    const node = document.getIn(path, true);
    return isScalar(node) ? node.source : undefined;
  };
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new YamlError("is not valid YAML: its aliases repeat each other too often");
  }
  return { value, written };
}

/** Whether a map stands where a key belongs: `{{ .Values.image }}` is a map in a map. */
function hasMapKey(document: Parameters<typeof visit>[0]): boolean {
  let found = false;
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key)) return undefined;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

const firstLine = (text: string): string => text.split("\n")[0]?.replace(/[.:]$/, "") ?? "";
