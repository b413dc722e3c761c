import assert from "node:assert/strict";

import {
  applicationCrd,
  type JsonSchema,
  prometheusRuleCrd,
  serviceMonitorCrd,
} from "../../../local/control-plane/crds";

interface Crd {
  spec: { versions: { schema: { openAPIV3Schema: JsonSchema } }[] };
}
const schemaOf = (crd: object): JsonSchema => {
  const [version] = (crd as Crd).spec.versions;
  return version?.schema.openAPIV3Schema ?? assert.fail("no version");
};

const at = (schema: JsonSchema, ...path: string[]): JsonSchema =>
  path.reduce(
    (node, key) =>
      (key === "[]" ? node.items : node.properties?.[key]) ?? assert.fail(`no ${path.join(".")}`),
    schema,
  );

/** Rules of a structural schema (apiextensions.k8s.io/v1) that this generator could break. */
function violations(schema: JsonSchema, path = "$"): string[] {
  const found: string[] = [];
  const open = schema["x-kubernetes-int-or-string"] ?? schema["x-kubernetes-preserve-unknown-fields"];
  if (schema.type === undefined && open === undefined) found.push(`${path}: no type`);
  if (schema.type === "array" && schema.items === undefined) found.push(`${path}: array without items`);
  if (schema.properties !== undefined && schema.additionalProperties !== undefined) {
    found.push(`${path}: properties beside additionalProperties`);
  }
  for (const name of schema.required ?? []) {
    if (schema.properties?.[name] === undefined)
      found.push(`${path}: requires ${name}, which it does not have`);
  }
  const children = {
    ...schema.properties,
    ...(schema.items && { "[]": schema.items }),
    ...(schema.additionalProperties && { "*": schema.additionalProperties }),
  };
  return [
    ...found,
    ...Object.entries(children).flatMap(([key, child]) => violations(child, `${path}.${key}`)),
  ];
}

describe("custom resource definitions", () => {
  for (const crd of [serviceMonitorCrd(), prometheusRuleCrd(), applicationCrd()]) {
    it(`have structural schemas: ${(crd as { metadata: { name: string } }).metadata.name}`, () => {
      const schema = schemaOf(crd);
      assert.deepEqual(violations(schema), []);
      assert.deepEqual(at(schema, "metadata"), { type: "object" }); // the server owns it
    });
  }

  it("are reported if they are not structural", () => {
    const broken: JsonSchema = {
      type: "object",
      required: ["missing"],
      properties: {
        a: {},
        b: { type: "array" },
        c: { type: "object", properties: {}, additionalProperties: {} },
      },
    };
    assert.deepEqual(violations(broken), [
      "$: requires missing, which it does not have",
      "$.a: no type",
      "$.b: array without items",
      "$.c: properties beside additionalProperties",
      "$.c.*: no type",
    ]);
  });

  it("have the ServiceMonitor's types, patterns, enums and required fields", () => {
    const endpoint = at(schemaOf(serviceMonitorCrd()), "spec", "endpoints", "[]");
    assert.deepEqual(at(endpoint, "port"), { type: "string" });
    assert.deepEqual(at(endpoint, "targetPort"), { "x-kubernetes-int-or-string": true });
    assert.deepEqual(at(endpoint, "scheme").enum, ["http", "https", "HTTP", "HTTPS"]);
    assert.match("30s", new RegExp(at(endpoint, "interval").pattern ?? assert.fail("no pattern")));
    assert.doesNotMatch("soon", new RegExp(at(endpoint, "interval").pattern ?? ""));
    assert.deepEqual(at(schemaOf(serviceMonitorCrd()), "spec").required, ["endpoints", "selector"]);
  });

  it("accept any object where an Application does", () => {
    const source = at(schemaOf(applicationCrd()), "spec", "source");
    assert.deepEqual(source.required, ["repoURL"]);
    assert.deepEqual(at(source, "helm", "valuesObject"), {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
    });
  });
});
