import js from "@eslint/js";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["**/node_modules", ".local", "k8s", "runner/dist"] },
  js.configs.recommended,
  ts.configs.strict,
  ts.configs.stylistic,
  {
    rules: {
      "@typescript-eslint/no-extraneous-class": "off", // a component may be only a constructor
      "@typescript-eslint/prefer-nullish-coalescing": "off", // needs types; `??` is kept by review
      eqeqeq: "error",
    },
  },
  {
    // What Node loads before anything can compile.
    files: ["boot/loader.js", "cli/requirements.js"],
    languageOptions: { sourceType: "commonjs" },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  {
    // `super(token, name, opts)` is legal TypeScript and silently loses parent and provider: the third
    // parameter is args.
    files: ["clusters/**/*.ts", "workload/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.type='Super'][arguments.length=3]",
          message: "super(token, name, {}, opts): the third parameter is args, not options.",
        },
      ],
    },
  },
  {
    // Such a hook runs before and after the tests of all files, in one run with them.
    files: ["test/**/*.test.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "Program > ExpressionStatement > CallExpression[callee.name=/^(before|after)(Each)?$/]",
          message: "a hook outside of describe runs for every file.",
        },
      ],
    },
  },
);
