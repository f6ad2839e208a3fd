// What the specification (SARIF 2.1.0, OASIS) and GitHub's code scanning ask of the members that are written: all of them are here
// and no others may be.
const text = { type: 'string', minLength: 1 }
const message = object({ text, markdown: text }, ['text'])
const level = { enum: ['none', 'note', 'warning', 'error'] }
const line = { type: 'integer', minimum: 1 }
const region = object({ startLine: line, startColumn: line, endLine: line, endColumn: line }, ['startLine'])
// GitHub wants it relative to the root of the repository; a URI has no spaces.
const artifactLocation = object(
  {
    uri: { type: 'string', pattern: "^(?![/.]{1,2}/|[a-z]+:)[A-Za-z0-9%/._~!*'()-]+$" },
    uriBaseId: { const: '%SRCROOT%' },
  },
  ['uri', 'uriBaseId'],
)
const physicalLocation = object({ artifactLocation, region }, ['artifactLocation'])
const locations = {
  type: 'array',
  minItems: 1,
  maxItems: 1000,
  items: object({ physicalLocation }, ['physicalLocation']),
}
const rule = object(
  {
    id: { ...text, maxLength: 255 },
    name: { ...text, maxLength: 255 },
    shortDescription: message,
    fullDescription: message,
    help: message,
    defaultConfiguration: object({ level }, ['level']),
    properties: object({ tags: { type: 'array', maxItems: 20, uniqueItems: true, items: text } }, []),
  },
  ['id', 'shortDescription', 'fullDescription', 'help'],
)
const result = object(
  {
    ruleId: text,
    ruleIndex: { type: 'integer', minimum: 0 },
    level,
    message,
    locations,
    partialFingerprints: {
      type: 'object',
      additionalProperties: text,
      required: ['primaryLocationLineHash'],
    },
  },
  ['ruleId', 'level', 'message', 'locations', 'partialFingerprints'],
)
const notification = object({ level, message, locations }, ['message'])
const run = object(
  {
    tool: object(
      {
        driver: object(
          { name: text, version: text, rules: { type: 'array', maxItems: 25_000, items: rule } },
          ['name', 'rules'],
        ),
      },
      ['driver'],
    ),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    originalUriBaseIds: { type: 'object', additionalProperties: object({ description: message }, []) },
    invocations: {
      type: 'array',
      items: object(
        {
          executionSuccessful: { type: 'boolean' },
          toolExecutionNotifications: { type: 'array', items: notification },
        },
        ['executionSuccessful'],
      ),
    },
    results: { type: 'array', maxItems: 25_000, items: result },
  },
  ['tool', 'results'],
)

/** The schema of the SARIF that is written. */
export const sarifSchema = object(
  {
    $schema: text,
    version: { const: '2.1.0' },
    runs: { type: 'array', minItems: 1, maxItems: 20, items: run },
  },
  ['version', 'runs'],
)

function object(properties: object, required: readonly string[]): object {
  return { type: 'object', additionalProperties: false, properties, required }
}
