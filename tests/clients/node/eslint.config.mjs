// graphql-eslint: every type, field, argument and value of the schema says what it means (its one
// directive, @oneOf, is the specification's), and
// what the portals and the explorer ask for is neither wrong nor deprecated.
// Run from the repository root; SCHEMA names another schema than the committed one.
import graphql from "@graphql-eslint/eslint-plugin";

const SCHEMA = process.env.SCHEMA ?? "schema/schema.graphql";
const DOCUMENTS = ["tests/clients/node/documents/*.graphql", "portal/explorer/src/tabs/*.graphql"];

const language = {
  parser: graphql.parser,
  parserOptions: { graphQLConfig: { schema: SCHEMA, documents: DOCUMENTS } },
};

export default [
  {
    files: [SCHEMA],
    languageOptions: language,
    plugins: { "@graphql-eslint": graphql },
    rules: {
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
        },
      ],
      "@graphql-eslint/require-deprecation-reason": "error",
      "@graphql-eslint/no-unreachable-types": "error",
      "@graphql-eslint/no-typename-prefix": "error",
      "@graphql-eslint/unique-enum-value-names": "error",
      "@graphql-eslint/naming-convention": [
        "error",
        {
          types: "PascalCase",
          FieldDefinition: "camelCase",
          InputValueDefinition: "camelCase",
          ArgumentDefinition: "camelCase",
          DirectiveDefinition: "camelCase",
          EnumValueDefinition: "UPPER_CASE",
        },
      ],
    },
  },
  {
    files: DOCUMENTS,
    languageOptions: language,
    plugins: { "@graphql-eslint": graphql },
    rules: {
      "@graphql-eslint/no-deprecated": "error",
      "@graphql-eslint/no-unused-variables": "error",
      "@graphql-eslint/fields-on-correct-type": "error",
    },
  },
];
