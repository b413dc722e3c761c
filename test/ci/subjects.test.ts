/**
 * Proves that what docs/ci.md lets into each cloud is the token that GitHub issues, for a repository of each kind of
 * subject: the page's own text, with its placeholders filled, against the subject as GitHub writes it. No cloud is asked.
 * https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../lib/repository";

const page = readFileSync(join(REPOSITORY, "docs", "ci.md"), "utf8");
const VALUES: Readonly<Record<string, string>> = {
  owner: "octo",
  "owner-id": "123456",
  repository: "ralph",
  "repository-id": "456789",
};
const fill = (text: string): string =>
  text.replace(/<([a-z-]+)>/g, (all, name: string) => VALUES[name] ?? all);
/** The subject of a kind of repository, as the table says. */
const subjectOf = (kind: string): string =>
  fill(new RegExp(`^ *\\| ${kind} +\\| \`([^\`]+)\``, "m").exec(page)?.[1] ?? assert.fail(kind));

/** Each place that names a subject, with the environment whose token it must match. */
const TRUSTED = [
  [/principal:\/\/\S+\/subject\/([^"]+)"/, "preview-gke"],
  [/"token\.actions\.githubusercontent\.com:sub": "([^"]+)"/, "preview-eks"],
  [/"subject": "([^"]+)"/, "preview-aks"],
] as const;

describe("the subjects that docs/ci.md lets in", () => {
  for (const [kind, issued] of [
    ["new", "repo:octo@123456/ralph@456789"],
    ["older", "repo:octo/ralph"],
  ] as const) {
    for (const [place, environment] of TRUSTED) {
      it(`match the token of ${environment} in a repository that is ${kind}`, () => {
        const trusted = place.exec(page)?.[1] ?? assert.fail("the page names no subject there");
        assert.equal(trusted.replace("<subject>", subjectOf(kind)), `${issued}:environment:${environment}`);
      });
    }
  }

  it("are limited to this repository by its id, because a name can be taken over", () => {
    const [, condition = ""] = /--attribute-condition "([^"]+)"/.exec(page) ?? [];
    assert.equal(fill(condition), "assertion.repository_id=='456789'");
  });
});
