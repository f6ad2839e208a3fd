// The schemas of single values. What the API server can say better than "should match '^…$'" is a CEL rule with a message;
// a rule costs by the longest text and the most items, so each text and list has a limit.

/** A time span: a number and a unit. */
export const durationSchema = {
  type: 'string',
  pattern: '^[1-9][0-9]{0,4}(m|h|d|w)$',
  maxLength: 6,
} as const

/** An instant as RFC 3339 has it. The format alone lets the API server take what is none: an offset of 99 hours, `00,5` seconds. */
export const instantSchema = {
  type: 'string',
  format: 'date-time',
  pattern:
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$',
  maxLength: 40,
} as const

// By the grammar of distribution/reference, with * for any number of characters. Upper case has its own rule.
const host = '([A-Za-z0-9*]([A-Za-z0-9.*-]*[A-Za-z0-9*])?|[[][0-9A-Fa-f:*]+[]])(:[0-9*]+)?'
const part = '[A-Za-z0-9*]+([._-]+[A-Za-z0-9*]+)*'
const tag = '[A-Za-z0-9_*][A-Za-z0-9_.*-]*'

/**
 * A pattern of images: parts of a reference, `*` for one part or some of it, `**` as the first for any registry and any parts, as
 * the last for all that follow.
 */
export const imagePatternSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 384, // a name of 255 characters, a colon and a tag of 128
  'x-kubernetes-validations': [
    { rule: "!self.contains('://')", message: 'leave out the scheme: docker.io/library/nginx' },
    {
      rule: "!self.matches('^([^/]*/)*[^:/]*[A-Z]')",
      message: 'registry and repository must be lower case',
    },
    {
      rule: "!self.matches('[^/][*][*]|/[*][*][^:]|^[*][*][^:/]')",
      message: '** must be a whole part, the first or the last one',
    },
    {
      rule: `self.contains('://') || self.matches('^(${host}/)?${part}(/${part})*(:${tag})?$')`,
      message: 'must be a pattern of images like docker.io/library/nginx:1.25.*',
    },
  ],
} as const

/** A list of patterns of images. */
export const imagePatternsSchema = {
  type: 'array',
  minItems: 1,
  maxItems: 64,
  'x-kubernetes-list-type': 'set',
  items: imagePatternSchema,
} as const

// The grammar of node-semver's README, section "Range Grammar", with the spaces that it allows. An empty alternative
// would stand for all versions; leaving the range out says that.
const numeral = '([xX*]|0|[1-9][0-9]*)'
const partial = `[v=]*${numeral}([.]${numeral}([.]${numeral}(-[0-9A-Za-z.-]+)?([+][0-9A-Za-z.-]+)?)?)?`
const simple = `(<=?|>=?|~>?|[=^])? *${partial}`

/** A range of versions as node-semver has it. */
export const rangeSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 128,
  'x-kubernetes-validations': [
    {
      rule: `self.split('||').all(one, one.matches('^ *(${partial} +- +${partial}|${simple}( +${simple})*) *$'))`,
      message: 'must be a range of node-semver like ">=1.2 <2"',
    },
  ],
} as const

/** A text that people read. An empty one is refused by the rule alone, so that there is one message. */
export const remarkSchema = {
  type: 'string',
  'x-kubernetes-validations': [{ rule: "self.trim() != ''", message: 'must not be blank' }],
} as const

/** What happens to an outdated image, from nothing to refusal. */
export const modes = ['off', 'audit', 'warn', 'enforce'] as const

/** How far a newer tag may be: same `x.y.z`, same `x.y`, same `x`, any; each includes the narrower ones. */
export const strategies = ['rebuild', 'patch', 'minor', 'major'] as const

/** Which lines of a product are offered. */
export const releaseChannels = ['any', 'stable', 'even', 'lts'] as const
