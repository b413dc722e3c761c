import { randomUUID } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

import { fixture } from "./fixture";
import { kubectl } from "./kubectl";
import { until } from "./until";

/** A request as the API server recorded it. */
export interface AuditEntry {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent: string;
  readonly objectRef?: { readonly resource: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code: number };
}

/** The current end of the log: pass it to `auditEntries` later. */
export const auditMark = (): number => statSync(fixture().plane.auditLog).size;

/** All requests to the API server since a mark; `byProvider` selects the engine's. */
export async function auditEntries(mark: number): Promise<AuditEntry[]> {
  // Once the log has this request, it has everything before it.
  const own = `audit-${randomUUID()}`;
  await kubectl("get", "--raw", `/version?${own}`);
  const read = (): string | false => {
    const log = readFileSync(fixture().plane.auditLog);
    if (log.length < mark) throw new Error("the audit log was rotated in the meantime: raise its size");
    const text = log.subarray(mark).toString("utf8");
    return text.includes(own) && text;
  };
  return (await until("the audit log has this request", read))
    .split("\n")
    .filter((line) => line !== "" && !line.includes(own))
    .map((line) => JSON.parse(line) as AuditEntry);
}

/** Requests of the Pulumi provider, of any version. */
export const byProvider = ({ userAgent }: AuditEntry): boolean => /pulumi/.test(userAgent);

/** Whether a request changes anything on the server. */
export const isWrite = ({ verb, requestURI }: AuditEntry): boolean =>
  !["get", "list", "watch"].includes(verb) &&
  new URL(requestURI, "https://server").searchParams.get("dryRun") !== "All";
