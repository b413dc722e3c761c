/** Policies of IAM: their grammar, and the actions that AWS knows. */
import { isObject, shown } from "./finding";
import { model } from "./models";

type Services = Readonly<Record<string, { readonly Actions: Readonly<Record<string, unknown>> }>>;

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
const ELEMENTS = [
  ...["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"],
  ...["Resource", "NotResource", "Condition"],
];
const OPERATOR =
  /^(ForAllValues:|ForAnyValue:)?(String|Numeric|Date|Bool|Binary|IpAddress|NotIpAddress|Arn|Null)\w*$/;

/** What is wrong with a policy; `target` is the element that its kind must have. */
export function policyProblem(text: string, target: "Principal" | "Resource"): string | undefined {
  const policy = parsed(text);
  if (!isObject(policy)) return "must be a policy as JSON";
  if (policy.Version !== "2012-10-17") return "must have the Version 2012-10-17";
  const statements = [policy.Statement].flat();
  if (statements.length === 0) return "must have a Statement";
  return statements.map((each) => statementProblem(each, target)).find((problem) => problem !== undefined);
}

/** The value of a JSON text; undefined if it is not one. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function statementProblem(statement: unknown, target: string): string | undefined {
  if (!isObject(statement)) return `must have objects as Statement, has ${shown(statement)}`;
  const stranger = Object.keys(statement).find((key) => !ELEMENTS.includes(key));
  if (stranger !== undefined) return `has the unknown element ${stranger}`;
  const { Effect, Action, Principal, Condition = {} } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") return "must have the Effect Allow or Deny";
  if (statement[target] === undefined) return `must have a ${target}`;
  const service = isObject(Principal) ? Principal.Service : undefined;
  const outsider = [service ?? []].flat().find((each) => !/^[a-z0-9.-]+\.amazonaws\.com$/.test(String(each)));
  if (outsider !== undefined) return `has ${shown(outsider)} as service`;
  const operator = Object.keys(Condition as object).find((each) => !OPERATOR.test(each));
  if (operator !== undefined) return `has the unknown condition ${operator}`;
  const unknown = [Action].flat().find((each) => !isAction(String(each)));
  return unknown === undefined ? undefined : `has the unknown action ${shown(unknown)}`;
}

function isAction(action: string): boolean {
  const [service = "", name = ""] = action.split(":");
  const services = model<Services>("cfn-lint", "cfnlint/data/AdditionalSpecs/Policies.json");
  return services[service]?.Actions[name.toLowerCase()] !== undefined;
}
