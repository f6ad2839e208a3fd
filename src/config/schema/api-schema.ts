import { port, section, text } from './schema-parts.ts'

/** The section `api`: verdicts for other programs. */
export const apiSchema = section({
  address: { ...text, default: '0.0.0.0' },
  port: {
    ...port,
    description:
      'the port on which serve answers other programs, none by default; patchline watch uses 4006 by default',
  },
  certificateFile: { ...text, description: 'PEM file; with it the server speaks TLS, without it plain HTTP' },
  keyFile: text,
  lookupBudgetMilliseconds: {
    type: 'integer',
    minimum: 0,
    maximum: 60_000,
    // Clients of HTTP commonly wait ten seconds or more; a first look-up takes one or two.
    default: 5_000,
    description: 'how long a first lookup may delay an answer',
  },
})
