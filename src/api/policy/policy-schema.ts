import type { FromSchema } from 'json-schema-to-ts'
import { labelSelectorSchema } from './selector-schema.ts'
import {
  modes,
  releaseChannels,
  strategies,
  durationSchema,
  imagePatternsSchema,
  rangeSchema,
} from './value-schemas.ts'

// The schema of a PatchPolicy's spec. The CRD, the types and the check of what is read are all made from it.

const images = {
  ...imagePatternsSchema,
  description:
    'Patterns of images: docker.io/library/nginx, ghcr.io/my-team/*, quay.io/**, nginx:1.25.*. They are compared part by part with the parsed reference; without a registry it is docker.io.',
} as const

// A period that its pattern refuses is told by that alone.
const readable = (owner: string) => `${owner}.period.matches('^[0-9]+[mhdw]$')`
const minutes = (owner: string) =>
  `int(${owner}.period.substring(0, ${owner}.period.size() - 1)) * {'m': 1, 'h': 60, 'd': 1440, 'w': 10080}[${owner}.period.substring(${owner}.period.size() - 1)]`

const otherVerdict = { type: 'string', enum: ['ignore', 'warn', 'refuse'] } as const

/** What a policy says. */
export const policySpecSchema = {
  type: 'object',
  additionalProperties: false,
  description:
    'What happens to images that a newer patch exists of. What a policy does not say is as the configuration has it.',
  properties: {
    priority: {
      type: 'integer',
      minimum: -1000,
      maximum: 1000,
      default: 0,
      description:
        'Of the policies that match an image the one with the highest priority decides, alone; of equal ones the first by name.',
    },
    match: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Which images the policy is about: all conditions must hold. Without any, all images.',
      properties: {
        namespaceSelector: labelSelectorSchema,
        objectSelector: {
          ...labelSelectorSchema,
          description: 'Selects by the labels of the object that is applied, not of its pod template.',
        },
        kinds: {
          type: 'array',
          description: 'Kinds of the objects that are applied: Deployment, or Rollout.argoproj.io.',
          minItems: 1,
          maxItems: 32,
          'x-kubernetes-list-type': 'set',
          items: {
            type: 'string',
            maxLength: 317,
            pattern: '^[A-Z][A-Za-z0-9]{0,62}(\\.[a-z0-9][-a-z0-9]*(\\.[a-z0-9][-a-z0-9]*)*)?$',
          },
        },
        images,
      },
    },
    mode: { type: 'string', enum: modes, description: 'What happens to an outdated image.' },
    strategy: { type: 'string', enum: strategies, description: 'How far a newer tag may be.' },
    range: {
      ...rangeSchema,
      description:
        'The versions that may be offered, as node-semver has it: ">=1.2 <2". It does not apply to tags that are no numbers, like bookworm-20230919.',
    },
    never: {
      type: 'array',
      description: 'Tags that are not offered: 1.25.4, or *-debug.',
      maxItems: 256,
      'x-kubernetes-list-type': 'set',
      items: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9_.*-]+$' },
    },
    preReleases: {
      type: 'string',
      enum: ['follow', 'leave'],
      default: 'follow',
      description:
        'What is offered to an image that is a pre-release: the newest of pre-releases and releases (follow), or the newest release if there is one (leave).',
    },
    releaseChannel: {
      type: 'string',
      enum: releaseChannels,
      description:
        'The lines that may be offered: any; stable: no pre-releases, and no lines that their project does not recommend for production; even: those with an even number; lts: those with long-term support by now. Which lines these are says a table of support dates; of a product that it does not have, lts offers all.',
    },
    minimumAge: {
      ...durationSchema,
      description:
        'How long a tag must be known before it is offered: 72h, 7d. It counts from when the registry says that it was pushed, or else from when Patchline first saw it.',
    },
    grace: {
      type: 'object',
      additionalProperties: false,
      required: ['period'],
      description:
        'With mode enforce: how long an outdated image is only warned about, from when the first newer tag was seen.',
      properties: {
        period: durationSchema,
        sooner: {
          type: 'array',
          description: 'Images or namespaces with less time. The shortest period that applies counts.',
          maxItems: 16,
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['period'],
            properties: {
              period: { ...durationSchema, pattern: '^(0|[1-9][0-9]{0,4})(m|h|d|w)$' },
              images,
              namespaceSelector: labelSelectorSchema,
            },
            'x-kubernetes-validations': [
              {
                rule: 'has(self.images) || has(self.namespaceSelector)',
                message: 'name images, or namespaces by a selector',
              },
            ],
          },
        },
      },
      'x-kubernetes-validations': [
        {
          rule: `!has(self.sooner) || !${readable('self')} || self.sooner.all(one, !${readable('one')} || ${minutes('one')} < ${minutes('self')})`,
          message: 'a period of sooner must be shorter than the period',
          fieldPath: '.sooner',
        },
      ],
    },
    others: {
      type: 'object',
      additionalProperties: false,
      description: 'What happens to images that are not outdated but cannot be told to be current.',
      properties: {
        floating: { ...otherVerdict, description: 'Tags that move, like latest.' },
        unversioned: { ...otherVerdict, description: 'Tags that are no version, or digests alone.' },
        unknown: {
          ...otherVerdict,
          description:
            'Images about which nothing is known. A registry that cannot be reached never refuses anything.',
        },
      },
    },
    delegate: {
      type: 'array',
      description:
        'What labels of namespaces and annotations of objects may loosen. Without it they can only make the policy stricter.',
      maxItems: 2,
      'x-kubernetes-list-type': 'set',
      items: { type: 'string', enum: ['mode', 'strategy'] },
    },
    exceptions: {
      type: 'object',
      additionalProperties: false,
      required: ['namespaceSelector'],
      description: 'Where a PatchException counts. Without it none does.',
      properties: {
        namespaceSelector: labelSelectorSchema,
        longest: {
          ...durationSchema,
          default: '90d',
          description: 'How far the end of an exception may be away from its creation.',
        },
      },
    },
    breakGlass: {
      type: 'object',
      additionalProperties: false,
      description:
        'If it is there, an object with the annotation patchline.dev/break-glass, which gives a reason, is warned about and not refused. Each use is counted and reported.',
      properties: {
        channel: {
          type: 'string',
          minLength: 1,
          maxLength: 63,
          description: 'The channel of the configuration that is told of each use.',
        },
      },
    },
  },
  'x-kubernetes-validations': [
    {
      rule: "!has(self.grace) || !has(self.mode) || self.mode == 'enforce'",
      message: 'a grace period needs mode enforce: the other modes refuse nothing',
      fieldPath: '.grace',
    },
  ],
} as const

/** What a policy says, as its author wrote it. */
export type PolicySpec = FromSchema<typeof policySpecSchema>
