import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const oneWay = (files, patterns) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns }] },
});

const upwards = { group: ["../../../*"], message: "Use the @/ alias to leave a folder." };

export default tseslint.config(
  { ignores: ["node_modules", "src/api/generated"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({
    ...config,
    files: ["src/**/*.{ts,tsx}", "*.ts"],
  })),
  {
    files: ["src/**/*.{ts,tsx}", "*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // It warns for the React Compiler, which this build does not use.
      "react-hooks/incompatible-library": "off",
      // The router redirects and reports "not found" by throwing plain objects.
      "@typescript-eslint/only-throw-error": "off",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "max-lines": ["error", { max: 250, skipBlankLines: false, skipComments: false }],
    },
  },
  { files: ["scripts/**", "public/**"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  // The imports point one way: app → features → shared (api, components, model).
  oneWay(["src/api/**", "src/components/**", "src/model/**"], [
    upwards,
    { group: ["@/app/*", "@/features/*"], message: "Shared code does not know pages or features." },
  ]),
  oneWay(["src/model/**"], [
    upwards,
    { group: ["@/app/*", "@/features/*", "@/components/*"], message: "The model is pure." },
  ]),
  oneWay(["src/features/**"], [
    upwards,
    { group: ["@/app/*"], message: "A feature does not know the application around it." },
    { group: ["@/features/*"], message: "Features do not import each other; routes compose them." },
    { group: ["../../*"], message: "Stay inside the feature." },
  ]),
);
