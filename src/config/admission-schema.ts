import { outcomeChoices, stepChoices } from './config.ts'
import { section } from './schema-parts.ts'

/** What is refused under `enforce`, and what people are told. */
export const admissionSchema = {
  enforcement: section({
    steps: {
      enum: stepChoices,
      default: 'newer',
      description: 'what an update may go to: a tag newer than what it replaces, or only the newest',
    },
    copies: {
      enum: outcomeChoices,
      default: 'allowed',
      description: 'a Pod or a Job of a CronJob with an image that its namespace runs already',
    },
    rebuilds: {
      enum: outcomeChoices,
      default: 'refused',
      description: 'an image that lacks nothing but a rebuild of its version: 1.2.3-r50 beside 1.2.3-r51',
    },
  }),
  warnings: section({
    unlistedRegistries: {
      type: 'boolean',
      default: false,
      description: 'people are told that the configuration does not list a registry',
    },
    floatingTags: { type: 'boolean', default: true, description: 'people are told that a tag floats' },
  }),
} as const
