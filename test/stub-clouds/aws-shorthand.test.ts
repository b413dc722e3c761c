/**
 * Proves that the stand-in for aws reads shorthand as the AWS CLI does. The grammar is that of awscli/shorthand.py 1.44,
 * which reads these cases alike; they are of its own tests' kinds
 * (https://github.com/aws/aws-cli/blob/develop/tests/unit/test_shorthand.py): above all that a
 * comma ends a value unless it is quoted or escaped, and that only a first value may contain `=`. Lists in brackets and
 * maps in braces are not read, because no command here has one: they are refused.
 */
import assert from "node:assert/strict";
import { parseShorthand } from "../../stub-clouds/vendor/shorthand";

const CASES: Readonly<Record<string, ReturnType<typeof parseShorthand>>> = {
  "foo=bar": { foo: "bar" },
  "foo=bar,baz=qux": { foo: "bar", baz: "qux" },
  "a=b,c=d,e=f": { a: "b", c: "d", e: "f" },
  "tag:a.b/c-d_e#f=g": { "tag:a.b/c-d_e#f": "g" },
  // Empty values.
  "foo=": { foo: "" },
  "foo=,bar=": { foo: "", bar: "" },
  "foo=✓,✓": { foo: ["✓", "✓"] },
  // Lists, each of which ends at a key.
  "foo=a,b": { foo: ["a", "b"] },
  "foo=a,b,c,bar=d,e,f": { foo: ["a", "b", "c"], bar: ["d", "e", "f"] },
  // A first value may contain `=`; what follows a comma would be a key then.
  "Name=tag:k8s.io/cluster=x,Values=owned": { Name: "tag:k8s.io/cluster=x", Values: "owned" },
  // Quotes.
  "foo='bar,baz'": { foo: "bar,baz" },
  "foo='bar','baz'": { foo: ["bar", "baz"] },
  "foo=bar,'baz=qux'": { foo: ["bar", "baz=qux"] },
  "foo=bar,'--option=bar space'": { foo: ["bar", "--option=bar space"] },
  "foo='bar\\'baz'": { foo: "bar'baz" },
  "foo='bar\\\\baz'": { foo: "bar\\baz" },
  'foo="bar,baz"': { foo: "bar,baz" },
  'foo="bar","baz"': { foo: ["bar", "baz"] },
  'foo="bar\\"baz"': { foo: 'bar"baz' },
  // The other quote and another backslash stay as they are.
  "foo='bar\\\"baz'": { foo: 'bar\\"baz' },
  "foo=a\\b": { foo: "a\\b" },
  // An escaped comma belongs to the value.
  "foo=a\\,b": { foo: "a,b" },
  "foo=\\,": { foo: "," },
  "foo=a,b\\,c": { foo: ["a", "b,c"] },
  "foo=a,\\,bc": { foo: ["a", ",bc"] },
  // Whitespace around `=` and `,`.
  "foo  =   bar": { foo: "bar" },
  "foo = bar,baz = qux": { foo: "bar", baz: "qux" },
  "foo = ": { foo: "" },
  "a=b,c=  d,  e,  f": { a: "b", c: ["d", "e", "f"] },
  "Name=foo,Values=  a  ,  b  ,  c  ": { Name: "foo", Values: ["a", "b", "c"] },
  "A=b,\nC=d,\nE=f\n": { A: "b", C: "d", E: "f" },
};

const REFUSED: Readonly<Record<string, string>> = {
  foo: "Expected: '=', received: 'EOF'",
  "foo=bar,": "Expected: '<second>', received: '<none>'",
  'foo="bar': "received: '<none>'",
  "foo='bar": "received: '<none>'",
  "foo='bar'baz": "Expected: ',', received: 'b'",
  "foo bar=baz": "Expected: '=', received: 'b'",
  "foo=[a,b]": "received: '['",
  "foo={bar=baz}": "received: '{'",
};

describe("the shorthand of the stand-in for aws", () => {
  for (const [text, expected] of Object.entries(CASES))
    it(`is read: ${JSON.stringify(text)}`, () => assert.deepEqual(parseShorthand(text), expected));

  for (const [text, message] of Object.entries(REFUSED))
    it(`is refused: ${JSON.stringify(text)}`, () =>
      assert.throws(
        () => parseShorthand(text),
        ({ message: found }: Error) => found.includes(message),
      ));
});
