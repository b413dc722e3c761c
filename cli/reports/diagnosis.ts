import type { Diagnosis } from "../../operations/doctor";

/** What `doctor` found, for people. */
export function diagnosisText({ server, namespace, checks, findings, unseen }: Diagnosis): string {
  return [
    ...findings.flatMap(({ check, object, what, cause, fix, runbook }) => [
      `${check}: ${object}`,
      `  ${what}`,
      `  ${cause}`,
      ...fix.map((line) => `    ${line}`),
      ...(runbook === undefined ? [] : [`  See ${runbook}`]),
      "",
    ]),
    ...unseen.flatMap(({ about, reason, fix }) => [`not seen: ${about}`, `  ${reason}`, `    ${fix}`, ""]),
    `Namespace ${namespace} at ${server}: ${checks} checks, ${counted(findings.length, "problem")}${unseen.length === 0 ? "" : `, ${unseen.length} not seen`}.`,
  ].join("\n");
}

const counted = (count: number, what: string): string =>
  count === 0 ? `no ${what}s` : `${count} ${what}${count === 1 ? "" : "s"}`;
