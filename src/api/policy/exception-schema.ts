import type { FromSchema } from 'json-schema-to-ts'
import { labelSelectorSchema } from './selector-schema.ts'
import { imagePatternsSchema, instantSchema, remarkSchema } from './value-schemas.ts'

/** What an exception says. */
export const exceptionSpecSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['images', 'until', 'reason', 'owner'],
  description:
    'Images of this namespace that are not refused and not warned about until then. They are evaluated all the same.',
  properties: {
    images: {
      ...imagePatternsSchema,
      description:
        'Patterns of images, as in a PatchPolicy, with the tag if only that is meant: docker.io/library/nginx:1.25.1.',
    },
    containers: {
      type: 'array',
      description: 'Only containers with these names.',
      minItems: 1,
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      items: { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
    },
    objectSelector: {
      ...labelSelectorSchema,
      description: 'Only objects with these labels.',
    },
    until: {
      ...instantSchema,
      description: 'When the exception ends. The policy says how far away that may be.',
    },
    upTo: {
      type: 'string',
      minLength: 1,
      maxLength: 128,
      pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
      description:
        'The newest tag that is excused: the exception also ends when a newer one than this exists.',
    },
    reason: { ...remarkSchema, maxLength: 1024, description: 'Why the image cannot be patched yet.' },
    owner: {
      ...remarkSchema,
      maxLength: 256,
      description: 'Who will end the exception: a team or a person.',
    },
    ticket: { ...remarkSchema, maxLength: 512, description: 'Where this is tracked.' },
  },
} as const

/** What an exception says, as its author wrote it. */
export type ExceptionSpec = FromSchema<typeof exceptionSpecSchema>
