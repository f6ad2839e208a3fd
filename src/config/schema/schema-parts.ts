// Building blocks of the schema.

export const text = { type: 'string', minLength: 1 } as const
export const texts = { type: 'array', items: text } as const
export const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const

/** A section of the configuration that may be omitted: its keys then have their defaults. */
export const section = (properties: Readonly<Record<string, object>>): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  default: {},
})

/** A reference to a secret: an environment variable or a file. The secret itself is never in the configuration. */
export const secret = {
  type: 'object',
  additionalProperties: false,
  properties: { environment: text, file: text },
  minProperties: 1,
  maxProperties: 1,
} as const

/** The values of a union as a list; the compiler refuses one that the union lacks, and the lack of one. */
export function valuesOf<Value extends string>(values: Readonly<Record<Value, true>>): readonly string[] {
  return Object.keys(values)
}

// A pattern runs over every tag of the images; a longer one is unreadable anyway.
const longestPattern = 512

/** One of `schemes`. */
export const scheme = {
  type: 'object',
  additionalProperties: false,
  required: ['images', 'pattern'],
  properties: {
    name: text,
    images: { ...texts, minItems: 1, description: 'the start of the image names: quay.io/minio/minio' },
    pattern: { ...text, maxLength: longestPattern },
  },
} as const

const day = { ...text, format: 'day' } as const

/** One of `supportTables`. */
export const supportTable = {
  type: 'object',
  additionalProperties: false,
  required: ['images', 'lines'],
  properties: {
    images: {
      type: 'array',
      items: { ...text, format: 'repository' },
      minItems: 1,
      description: 'whole repositories: docker.io/library/node, registry.example.com/base/node',
    },
    lines: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['line'],
        properties: {
          line: { ...text, format: 'line', description: "the numbers of the line, quoted: '22', '1.28'" },
          released: { ...day, description: 'when its first version was released' },
          ltsFrom: { ...day, description: 'from when it has long-term support' },
          end: { ...day, description: 'when its support ends' },
          development: { type: 'boolean', description: 'its project does not recommend it for production' },
        },
      },
    },
  },
} as const

/** One of `policies`. What its spec may say is checked like that of an object: most files have none, and compiling the check takes long. */
export const filePolicy = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'spec'],
  properties: {
    name: { ...text, format: 'policy-name' },
    spec: { type: 'object', description: 'as the spec of a PatchPolicy' },
  },
} as const

/** One of `exceptions`. */
export const fileException = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'namespace', 'created', 'spec'],
  properties: {
    name: { ...text, format: 'policy-name' },
    namespace: { ...text, format: 'namespace' },
    created: { ...day, description: 'from when the longest time that the policy allows counts' },
    spec: { type: 'object', description: 'as the spec of a PatchException' },
  },
} as const

/** One of `workloads`. */
export const workload = {
  type: 'object',
  additionalProperties: false,
  required: ['group', 'kind', 'podTemplate'],
  properties: {
    group: { ...text, format: 'api-group', description: 'the API group, such as argoproj.io' },
    kind: { ...text, format: 'kind', description: 'the kind, such as Rollout' },
    resource: { ...text, format: 'resource', description: 'the plural of the kind, if it is irregular' },
    podTemplate: {
      ...text,
      format: 'pod-path',
      description: 'the path of the pod template: spec.template, or spec.tasks[].template',
    },
  },
} as const
