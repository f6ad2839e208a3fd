// The REST interface, version 1: one JSON Schema each for checking, writing and documenting.

const text = { type: 'string' } as const
const optionalText = { type: ['string', 'null'] } as const
const instant = { type: ['string', 'null'], format: 'date-time' } as const

/** The verdicts by which the drift report can be filtered. */
export const restVerdicts = ['outdated', 'current', 'floating', 'unversioned', 'unknown', 'exempt'] as const

const restCounted = ['versions', 'revisions'] as const

const restOrigins = ['template', 'pod', 'older-pod'] as const

/** One container of one workload. */
export const driftItemSchema = {
  type: 'object',
  additionalProperties: false,
  required: [
    'namespace',
    'workload',
    'container',
    'image',
    'verdict',
    'reason',
    'behind',
    'counted',
    'moved',
    'stale',
    'overdue',
  ],
  properties: {
    namespace: text,
    workload: {
      type: 'object',
      additionalProperties: false,
      required: ['apiVersion', 'kind', 'name'],
      properties: { apiVersion: text, kind: text, name: text },
    },
    container: text,
    field: { enum: ['container', 'init', 'ephemeral', 'volume'] },
    origin: {
      enum: restOrigins,
      description:
        "what names the image: the workload's template, pods alone, or pods left of an earlier template",
    },
    image: { ...text, description: 'as the object says it' },
    registry: optionalText,
    repository: optionalText,
    current: { ...optionalText, description: 'the tag that runs' },
    newest: { ...optionalText, description: 'the tag to go to' },
    newestOverall: { ...optionalText, description: 'the newest version whatever the strategy' },
    elsewhere: {
      ...optionalText,
      description:
        'where nothing newer of its kind exists: the tag of another kind in which the line goes on',
    },
    line: optionalText,
    behind: {
      type: 'integer',
      minimum: 0,
      description:
        'how many versions are newer, or image revisions where the tags of its line count those (-r4); the newest included',
    },
    counted: { enum: restCounted, description: 'what behind counts' },
    since: { ...instant, description: 'when the newer tag was published, or else first seen' },
    moved: { type: 'boolean', description: 'the tag stands for another digest than what runs' },
    verdict: { enum: restVerdicts },
    reason: text,
    detail: { ...optionalText, description: 'why nothing is known, or nothing newer than checkedAt' },
    mode: text,
    strategy: text,
    policy: {
      ...optionalText,
      description: 'the PatchPolicy that decides; null where the configuration does',
    },
    wouldRefuse: {
      type: 'boolean',
      description: 'in mode enforce the image would be refused, if it were applied now',
    },
    exception: { ...optionalText, description: 'the PatchException that excuses it' },
    breakGlass: {
      ...optionalText,
      description:
        'the reason in the annotation patchline.dev/break-glass, where only that keeps it from being refused',
    },
    waiting: {
      type: ['object', 'null'],
      additionalProperties: false,
      required: ['tag', 'until'],
      properties: { tag: text, until: { ...text, format: 'date-time' } },
      description: 'the newest of the tags that are younger than the minimum age, and when it is offered',
    },
    pods: { type: 'integer', minimum: 0 },
    checkedAt: { ...instant, description: 'as of when the registry said so' },
    stale: { type: 'boolean', description: 'older than catalog.staleAfterHours' },
    overdue: {
      type: 'boolean',
      description: 'older than catalog.refreshAfterMinutes when it was judged: detail says why',
    },
    page: {
      ...optionalText,
      description: 'where the public registry shows the tag to go to, or else the repository',
    },
    source: {
      ...optionalText,
      description:
        'where the project of the tag to go to is: the org.opencontainers.image.source of its manifest, where it is an https address',
    },
  },
} as const

/** A page of the drift report. */
export const driftPageSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'startedAt', 'finishedAt', 'complete', 'total', 'items'],
  properties: {
    apiVersion: { const: 'patchline.dev/v1' },
    kind: { const: 'DriftReport' },
    startedAt: text,
    finishedAt: text,
    complete: { type: 'boolean', description: 'everything was looked at' },
    total: { type: 'integer', description: 'items that the filters leave, on all pages' },
    continue: { ...optionalText, description: 'to be given as continue for the next page' },
    items: { type: 'array', items: driftItemSchema },
  },
} as const

/** The summary of the drift report: numbers of containers by verdict. */
export const driftSummarySchema = {
  type: 'object',
  additionalProperties: false,
  required: [
    'apiVersion',
    'kind',
    'startedAt',
    'finishedAt',
    'complete',
    'containers',
    'verdicts',
    'missing',
    'overdue',
    'oldestCheckedAt',
    'namespaces',
  ],
  properties: {
    apiVersion: { const: 'patchline.dev/v1' },
    kind: { const: 'DriftSummary' },
    startedAt: text,
    finishedAt: text,
    complete: { type: 'boolean' },
    containers: { type: 'integer' },
    verdicts: { type: 'object', additionalProperties: { type: 'integer' } },
    missing: {
      type: 'integer',
      description:
        'containers whose tags do not exist (reason not-listed), current for lack of anything newer',
    },
    overdue: {
      type: 'integer',
      description: 'containers that were judged by lists older than catalog.refreshAfterMinutes',
    },
    oldestCheckedAt: { ...instant, description: 'when the oldest of these lists was fetched' },
    namespaces: {
      type: 'object',
      additionalProperties: { type: 'object', additionalProperties: { type: 'integer' } },
    },
    problems: { type: 'array', items: text },
    ignored: {
      type: 'array',
      items: text,
      description: 'labels and annotations that say nothing known',
    },
  },
} as const

/** The query parameters of the drift report. */
export const driftQuerySchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    namespace: { type: 'string', maxLength: 63, description: 'only this namespace' },
    workload: { type: 'string', maxLength: 300, description: 'only workloads with this name, or Kind/name' },
    verdict: { enum: restVerdicts, description: 'only this verdict' },
    registry: { type: 'string', maxLength: 255, description: 'only images of this registry, as docker.io' },
    minAge: {
      type: 'string',
      pattern: '^[0-9]{1,5}[mhd]$',
      description: 'only what has been behind for at least so long: 7d, 12h, 30m',
    },
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
    continue: { type: 'string', maxLength: 100 },
  },
} as const

/** Problem details (RFC 9457). */
export const problemSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['type', 'title', 'status'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: text,
    ageSeconds: { type: 'integer', description: 'the age of the only data that there is' },
    checkedAt: { ...text, format: 'date-time', description: 'as of when the registry said so' },
  },
} as const

/** An item of the drift report, as in {@link driftItemSchema}. Instants are RFC 3339. */
export interface DriftItem {
  readonly namespace: string
  readonly workload: { readonly apiVersion: string; readonly kind: string; readonly name: string }
  readonly container: string
  readonly field: 'container' | 'init' | 'ephemeral' | 'volume'
  readonly origin: (typeof restOrigins)[number]
  readonly image: string
  readonly registry: string | null
  readonly repository: string | null
  readonly current: string | null
  readonly newest: string | null
  readonly newestOverall: string | null
  readonly elsewhere: string | null
  readonly line: string | null
  readonly behind: number
  readonly counted: (typeof restCounted)[number]
  readonly since: string | null
  readonly moved: boolean
  readonly verdict: (typeof restVerdicts)[number]
  readonly reason: string
  readonly detail: string | null
  readonly mode: string
  readonly strategy: string
  readonly policy: string | null
  readonly wouldRefuse: boolean
  readonly exception: string | null
  readonly breakGlass: string | null
  readonly waiting: { readonly tag: string; readonly until: string } | null
  readonly pods: number
  readonly checkedAt: string | null
  readonly stale: boolean
  readonly overdue: boolean
  readonly page: string | null
  readonly source: string | null
}
