/** Specs that the API server refuses, each with what it says: a row for each keyword of the schemas and each CEL rule. */

/** A spec, and the lines of the API server's answer. */
export type Refusal = readonly [spec: object, ...messages: readonly string[]]

/** As many items as are asked for. */
function numbered<Item>(count: number, item: (n: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => item(index + 1))
}

const labels = (count: number) => Object.fromEntries(numbered(count, n => [`label-${n}`, 'x']))

/** Specs of a PatchPolicy. */
export const refusedPolicies: readonly Refusal[] = [
  [
    { priority: '1' },
    'spec.priority: Invalid value: "string": spec.priority in body must be of type integer: "string"',
  ],
  [
    { priority: -1001 },
    'spec.priority: Invalid value: -1001: spec.priority in body should be greater than or equal to -1000',
  ],
  [
    { priority: 1001 },
    'spec.priority: Invalid value: 1001: spec.priority in body should be less than or equal to 1000',
  ],
  [{ mode: 'on' }, 'spec.mode: Unsupported value: "on": supported values: "off", "audit", "warn", "enforce"'],
  [
    { mode: false },
    'spec.mode: Invalid value: "boolean": spec.mode in body must be of type string: "boolean"',
    'spec.mode: Unsupported value: false: supported values: "off", "audit", "warn", "enforce"',
  ],
  [
    { strategy: 'newest' },
    'spec.strategy: Unsupported value: "newest": supported values: "rebuild", "patch", "minor", "major"',
  ],
  [
    { match: { kinds: [] } },
    'spec.match.kinds: Invalid value: 0: spec.match.kinds in body should have at least 1 items',
  ],
  [
    { match: { kinds: numbered(33, n => `Kind${n}`) } },
    'spec.match.kinds: Too many: 33: must have at most 32 items',
  ],
  [{ match: { kinds: ['Pod', 'Pod'] } }, 'spec.match.kinds[1]: Duplicate value: "Pod"'],
  [
    { match: { kinds: ['pods'] } },
    'spec.match.kinds[0]: Invalid value: "pods": spec.match.kinds[0] in body should match \'^[A-Z][A-Za-z0-9]{0,62}(\\.[a-z0-9][-a-z0-9]*(\\.[a-z0-9][-a-z0-9]*)*)?$\'',
  ],
  [
    { match: { kinds: [`K.${'a'.repeat(316)}`] } },
    'spec.match.kinds[0]: Too long: may not be more than 317 bytes',
  ],
  [
    { match: { images: [] } },
    'spec.match.images: Invalid value: 0: spec.match.images in body should have at least 1 items',
  ],
  [
    { match: { images: numbered(65, n => `app-${n}`) } },
    'spec.match.images: Too many: 65: must have at most 64 items',
  ],
  [{ match: { images: ['nginx', 'nginx'] } }, 'spec.match.images[1]: Duplicate value: "nginx"'],
  [
    { match: { images: ['a'.repeat(385)] } },
    'spec.match.images[0]: Too long: may not be more than 384 bytes',
  ],
  [
    { match: { images: ['https://ghcr.io/team/app'] } },
    'spec.match.images[0]: Invalid value: "https://ghcr.io/team/app": leave out the scheme: docker.io/library/nginx',
  ],
  [
    { match: { images: ['ghcr.io/Team/app'] } },
    'spec.match.images[0]: Invalid value: "ghcr.io/Team/app": registry and repository must be lower case',
  ],
  [
    { match: { images: ['localhost:5000/App:1.2.3-Alpine'] } },
    'spec.match.images[0]: Invalid value: "localhost:5000/App:1.2.3-Alpine": registry and repository must be lower case',
  ],
  [
    { match: { images: ['quay.io/team**'] } },
    'spec.match.images[0]: Invalid value: "quay.io/team**": ** must be a whole part, the first or the last one',
  ],
  [
    { match: { images: ['quay.io/**/app'] } },
    'spec.match.images[0]: Invalid value: "quay.io/**/app": ** must be a whole part, the first or the last one',
  ],
  [
    { match: { images: ['nginx:**'] } },
    'spec.match.images[0]: Invalid value: "nginx:**": ** must be a whole part, the first or the last one',
  ],
  [
    { match: { images: ['nginx 1.25'] } },
    'spec.match.images[0]: Invalid value: "nginx 1.25": must be a pattern of images like docker.io/library/nginx:1.25.*',
  ],
  [
    { match: { images: ['nginx:'] } },
    'spec.match.images[0]: Invalid value: "nginx:": must be a pattern of images like docker.io/library/nginx:1.25.*',
  ],
  [
    { match: { images: ['ghcr.io//app'] } },
    'spec.match.images[0]: Invalid value: "ghcr.io//app": must be a pattern of images like docker.io/library/nginx:1.25.*',
  ],
  [
    { match: { images: [' nginx'] } },
    'spec.match.images[0]: Invalid value: " nginx": must be a pattern of images like docker.io/library/nginx:1.25.*',
  ],
  [
    { match: { namespaceSelector: { matchLabels: labels(33) } } },
    'spec.match.namespaceSelector.matchLabels: Too many: 33: must have at most 32 items',
  ],
  [
    { match: { namespaceSelector: { matchLabels: { 'two words': 'x' } } } },
    'spec.match.namespaceSelector.matchLabels: Invalid value: the keys must be keys of labels like app.kubernetes.io/name',
  ],
  [
    { match: { namespaceSelector: { matchLabels: { [`${'a'.repeat(300)}/${'b'.repeat(63)}`]: 'x' } } } },
    'spec.match.namespaceSelector.matchLabels: Invalid value: the keys must be keys of labels like app.kubernetes.io/name',
  ],
  [
    { match: { namespaceSelector: { matchLabels: { team: 'two words' } } } },
    'spec.match.namespaceSelector.matchLabels.team: Invalid value: "two words": spec.match.namespaceSelector.matchLabels.team in body should match \'^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$\'',
  ],
  [
    { match: { namespaceSelector: { matchLabels: { team: 'x'.repeat(64) } } } },
    'spec.match.namespaceSelector.matchLabels.team: Too long: may not be more than 63 bytes',
  ],
  [
    {
      match: {
        objectSelector: { matchExpressions: numbered(33, n => ({ key: `k${n}`, operator: 'Exists' })) },
      },
    },
    'spec.match.objectSelector.matchExpressions: Too many: 33: must have at most 32 items',
  ],
  [
    { match: { objectSelector: { matchExpressions: [{ operator: 'Exists' }] } } },
    'spec.match.objectSelector.matchExpressions[0].key: Required value',
  ],
  [
    { match: { objectSelector: { matchExpressions: [{ key: 'team' }] } } },
    'spec.match.objectSelector.matchExpressions[0].operator: Required value',
  ],
  [
    { match: { objectSelector: { matchExpressions: [{ key: 'two words', operator: 'Exists' }] } } },
    'spec.match.objectSelector.matchExpressions[0].key: Invalid value: "two words": spec.match.objectSelector.matchExpressions[0].key in body should match \'^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$\'',
  ],
  [
    { match: { objectSelector: { matchExpressions: [{ key: 'k'.repeat(318), operator: 'Exists' }] } } },
    'spec.match.objectSelector.matchExpressions[0].key: Too long: may not be more than 317 bytes',
  ],
  [
    { match: { objectSelector: { matchExpressions: [{ key: 'team', operator: 'Is' }] } } },
    'spec.match.objectSelector.matchExpressions[0].operator: Unsupported value: "Is": supported values: "In", "NotIn", "Exists", "DoesNotExist"',
  ],
  [
    { match: { objectSelector: { matchExpressions: [{ key: 'team', operator: 'In' }] } } },
    'spec.match.objectSelector.matchExpressions[0]: Invalid value: In and NotIn need values, Exists and DoesNotExist take none',
  ],
  [
    { match: { objectSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: [] }] } } },
    'spec.match.objectSelector.matchExpressions[0]: Invalid value: In and NotIn need values, Exists and DoesNotExist take none',
  ],
  [
    { match: { objectSelector: { matchExpressions: [{ key: 'team', operator: 'Exists', values: ['a'] }] } } },
    'spec.match.objectSelector.matchExpressions[0]: Invalid value: In and NotIn need values, Exists and DoesNotExist take none',
  ],
  [
    {
      match: {
        objectSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['two words'] }] },
      },
    },
    'spec.match.objectSelector.matchExpressions[0].values[0]: Invalid value: "two words": spec.match.objectSelector.matchExpressions[0].values[0] in body should match \'^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$\'',
  ],
  [
    {
      match: {
        objectSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: numbered(65, String) }] },
      },
    },
    'spec.match.objectSelector.matchExpressions[0].values: Too many: 65: must have at most 64 items',
  ],
  [
    { range: '' },
    'spec.range: Invalid value: "": spec.range in body should be at least 1 chars long',
    'spec.range: Invalid value: "": must be a range of node-semver like ">=1.2 <2"',
  ],
  [{ range: '>'.repeat(129) }, 'spec.range: Too long: may not be more than 128 bytes'],
  [
    { range: 'newest' },
    'spec.range: Invalid value: "newest": must be a range of node-semver like ">=1.2 <2"',
  ],
  [
    { range: '>=1.2, <2' },
    'spec.range: Invalid value: ">=1.2, <2": must be a range of node-semver like ">=1.2 <2"',
  ],
  [{ range: '01.2' }, 'spec.range: Invalid value: "01.2": must be a range of node-semver like ">=1.2 <2"'],
  [
    { range: '1.x ||' },
    'spec.range: Invalid value: "1.x ||": must be a range of node-semver like ">=1.2 <2"',
  ],
  [{ never: numbered(257, String) }, 'spec.never: Too many: 257: must have at most 256 items'],
  [{ never: ['1.25.4', '1.25.4'] }, 'spec.never[1]: Duplicate value: "1.25.4"'],
  [
    { never: ['nginx:1.25.4'] },
    'spec.never[0]: Invalid value: "nginx:1.25.4": spec.never[0] in body should match \'^[A-Za-z0-9_.*-]+$\'',
  ],
  [{ never: ['a'.repeat(129)] }, 'spec.never[0]: Too long: may not be more than 128 bytes'],
  [
    { releaseChannel: 'long' },
    'spec.releaseChannel: Unsupported value: "long": supported values: "any", "stable", "even", "lts"',
  ],
  [
    { preReleases: 'never' },
    'spec.preReleases: Unsupported value: "never": supported values: "follow", "leave"',
  ],
  [
    { minimumAge: '7 days' },
    'spec.minimumAge: Invalid value: "7 days": spec.minimumAge in body should match \'^[1-9][0-9]{0,4}(m|h|d|w)$\'',
  ],
  [
    { minimumAge: '0d' },
    'spec.minimumAge: Invalid value: "0d": spec.minimumAge in body should match \'^[1-9][0-9]{0,4}(m|h|d|w)$\'',
  ],
  [{ minimumAge: '100000d' }, 'spec.minimumAge: Too long: may not be more than 6 bytes'],
  [{ grace: {} }, 'spec.grace.period: Required value'],
  [
    { grace: { period: '1y' } },
    'spec.grace.period: Invalid value: "1y": spec.grace.period in body should match \'^[1-9][0-9]{0,4}(m|h|d|w)$\'',
  ],
  [
    { mode: 'warn', grace: { period: '7d' } },
    'spec.grace: Invalid value: a grace period needs mode enforce: the other modes refuse nothing',
  ],
  [
    { grace: { period: '7d', sooner: numbered(17, n => ({ period: '1d', images: [`app-${n}`] })) } },
    'spec.grace.sooner: Too many: 17: must have at most 16 items',
  ],
  [
    { grace: { period: '7d', sooner: [{ images: ['nginx'] }] } },
    'spec.grace.sooner[0].period: Required value',
  ],
  [
    { grace: { period: '7d', sooner: [{ period: '1d' }] } },
    'spec.grace.sooner[0]: Invalid value: name images, or namespaces by a selector',
  ],
  [
    { grace: { period: '7d', sooner: [{ period: '1y', images: ['nginx'] }] } },
    'spec.grace.sooner[0].period: Invalid value: "1y": spec.grace.sooner[0].period in body should match \'^(0|[1-9][0-9]{0,4})(m|h|d|w)$\'',
  ],
  [
    { grace: { period: '7d', sooner: [{ period: '168h', images: ['nginx'] }] } },
    'spec.grace.sooner: Invalid value: a period of sooner must be shorter than the period',
  ],
  [
    { grace: { period: '7d', sooner: [{ period: '1d', images: ['Nginx'] }] } },
    'spec.grace.sooner[0].images[0]: Invalid value: "Nginx": registry and repository must be lower case',
  ],
  [
    { others: { floating: 'off' } },
    'spec.others.floating: Unsupported value: "off": supported values: "ignore", "warn", "refuse"',
  ],
  [
    { others: { unversioned: 'off' } },
    'spec.others.unversioned: Unsupported value: "off": supported values: "ignore", "warn", "refuse"',
  ],
  [
    { others: { unknown: 'off' } },
    'spec.others.unknown: Unsupported value: "off": supported values: "ignore", "warn", "refuse"',
  ],
  [
    { delegate: ['range'] },
    'spec.delegate[0]: Unsupported value: "range": supported values: "mode", "strategy"',
  ],
  [{ delegate: ['mode', 'mode'] }, 'spec.delegate[1]: Duplicate value: "mode"'],
  [
    { delegate: ['mode', 'strategy', 'mode'] },
    'spec.delegate: Too many: 3: must have at most 2 items',
    'spec.delegate[2]: Duplicate value: "mode"',
  ],
  [{ exceptions: {} }, 'spec.exceptions.namespaceSelector: Required value'],
  [
    { exceptions: { namespaceSelector: {}, longest: '0d' } },
    'spec.exceptions.longest: Invalid value: "0d": spec.exceptions.longest in body should match \'^[1-9][0-9]{0,4}(m|h|d|w)$\'',
  ],
  [
    { breakGlass: { channel: '' } },
    'spec.breakGlass.channel: Invalid value: "": spec.breakGlass.channel in body should be at least 1 chars long',
  ],
  [
    { breakGlass: { channel: 'c'.repeat(64) } },
    'spec.breakGlass.channel: Too long: may not be more than 63 bytes',
  ],
]

/** What is added to the spec of a good PatchException. */
export const refusedExceptions: readonly Refusal[] = [
  [{ images: undefined }, 'spec.images: Required value'],
  [{ until: undefined }, 'spec.until: Required value'],
  [{ reason: undefined }, 'spec.reason: Required value'],
  [{ owner: undefined }, 'spec.owner: Required value'],
  [{ images: [] }, 'spec.images: Invalid value: 0: spec.images in body should have at least 1 items'],
  [{ images: numbered(65, n => `app-${n}`) }, 'spec.images: Too many: 65: must have at most 64 items'],
  [{ images: ['nginx', 'nginx'] }, 'spec.images[1]: Duplicate value: "nginx"'],
  [
    { images: ['docker.io/library/Nginx:1.25.1'] },
    'spec.images[0]: Invalid value: "docker.io/library/Nginx:1.25.1": registry and repository must be lower case',
  ],
  [
    { containers: [] },
    'spec.containers: Invalid value: 0: spec.containers in body should have at least 1 items',
  ],
  [{ containers: numbered(65, n => `c${n}`) }, 'spec.containers: Too many: 65: must have at most 64 items'],
  [{ containers: ['web', 'web'] }, 'spec.containers[1]: Duplicate value: "web"'],
  [
    { containers: ['Web'] },
    'spec.containers[0]: Invalid value: "Web": spec.containers[0] in body should match \'^[a-z0-9]([-a-z0-9]*[a-z0-9])?$\'',
  ],
  [{ containers: ['c'.repeat(64)] }, 'spec.containers[0]: Too long: may not be more than 63 bytes'],
  [
    { objectSelector: { matchLabels: { team: '-' } } },
    'spec.objectSelector.matchLabels.team: Invalid value: "-": spec.objectSelector.matchLabels.team in body should match \'^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$\'',
  ],
  [
    { until: 'tomorrow' },
    'spec.until: Invalid value: "tomorrow": spec.until in body should match \'^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$\'',
    'spec.until: Invalid value: "tomorrow": spec.until in body must be of type date-time: "tomorrow"',
  ],
  [
    { until: '2026-12-31' },
    'spec.until: Invalid value: "2026-12-31": spec.until in body should match \'^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$\'',
    'spec.until: Invalid value: "2026-12-31": spec.until in body must be of type date-time: "2026-12-31"',
  ],
  [
    { until: '2026-12-31T12:00:00' },
    'spec.until: Invalid value: "2026-12-31T12:00:00": spec.until in body should match \'^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$\'',
    'spec.until: Invalid value: "2026-12-31T12:00:00": spec.until in body must be of type date-time: "2026-12-31T12:00:00"',
  ],
  [
    { until: '2026-02-30T12:00:00Z' },
    'spec.until: Invalid value: "2026-02-30T12:00:00Z": spec.until in body must be of type date-time: "2026-02-30T12:00:00Z"',
  ],
  [
    { until: '2026-12-31T12:00:00+99:00' },
    'spec.until: Invalid value: "2026-12-31T12:00:00+99:00": spec.until in body should match \'^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$\'',
  ],
  [
    { until: '2026-12-31T12:00:00,5Z' },
    'spec.until: Invalid value: "2026-12-31T12:00:00,5Z": spec.until in body should match \'^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$\'',
  ],
  [
    { until: `2026-12-31T12:00:00.${'0'.repeat(30)}Z` },
    'spec.until: Too long: may not be more than 40 bytes',
  ],
  [{ upTo: '' }, 'spec.upTo: Invalid value: "": spec.upTo in body should be at least 1 chars long'],
  [
    { upTo: 'nginx:1.25.4' },
    'spec.upTo: Invalid value: "nginx:1.25.4": spec.upTo in body should match \'^[A-Za-z0-9_][A-Za-z0-9_.-]*$\'',
  ],
  [{ upTo: '1'.repeat(129) }, 'spec.upTo: Too long: may not be more than 128 bytes'],
  [{ reason: '' }, 'spec.reason: Invalid value: "": must not be blank'],
  [{ reason: ' \n' }, 'spec.reason: Invalid value: " \\n": must not be blank'],
  [{ reason: 'r'.repeat(1025) }, 'spec.reason: Too long: may not be more than 1024 bytes'],
  [{ owner: ' ' }, 'spec.owner: Invalid value: " ": must not be blank'],
  [{ owner: 'o'.repeat(257) }, 'spec.owner: Too long: may not be more than 256 bytes'],
  [{ ticket: ' ' }, 'spec.ticket: Invalid value: " ": must not be blank'],
  [{ ticket: 't'.repeat(513) }, 'spec.ticket: Too long: may not be more than 512 bytes'],
]

const condition = {
  type: 'Ready',
  status: 'True',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'Read',
}
const complete = { ...condition, message: '' }

/** Statuses of the PatchPolicy that are refused. */
export const refusedPolicyStatus: readonly Refusal[] = [
  [
    { workloads: -1 },
    'status.workloads: Invalid value: -1: workloads in body should be greater than or equal to 0',
  ],
  [
    { outdated: -1 },
    'status.outdated: Invalid value: -1: outdated in body should be greater than or equal to 0',
  ],
  [
    { wouldRefuse: -1 },
    'status.wouldRefuse: Invalid value: -1: wouldRefuse in body should be greater than or equal to 0',
  ],
  [{ exempt: -1 }, 'status.exempt: Invalid value: -1: exempt in body should be greater than or equal to 0'],
  [
    { observedGeneration: -1 },
    'status.observedGeneration: Invalid value: -1: observedGeneration in body should be greater than or equal to 0',
  ],
  [
    { lastEvaluated: 'now' },
    'status.lastEvaluated: Invalid value: "now": lastEvaluated in body must be of type date-time: "now"',
  ],
  [{ conditions: [condition] }, 'status.conditions[0].message: Required value'],
  [{ conditions: [complete, complete] }, 'status.conditions[1]: Duplicate value: {"type":"Ready"}'],
  [
    { conditions: numbered(9, n => ({ ...complete, type: `Type${n}` })) },
    'status.conditions: Too many: 9: must have at most 8 items',
  ],
  [
    { conditions: [{ ...complete, status: 'Yes' }] },
    'status.conditions[0].status: Unsupported value: "Yes": supported values: "True", "False", "Unknown"',
  ],
  [
    { conditions: [{ ...complete, reason: '' }] },
    'status.conditions[0].reason: Invalid value: "": conditions[0].reason in body should be at least 1 chars long',
  ],
  [
    { conditions: [{ ...complete, observedGeneration: -1 }] },
    'status.conditions[0].observedGeneration: Invalid value: -1: conditions[0].observedGeneration in body should be greater than or equal to 0',
  ],
  [
    { conditions: [{ ...complete, lastTransitionTime: 'now' }] },
    'status.conditions[0].lastTransitionTime: Invalid value: "now": conditions[0].lastTransitionTime in body must be of type date-time: "now"',
  ],
  [
    { conditions: [{ ...complete, type: 't'.repeat(317) }] },
    'status.conditions[0].type: Too long: may not be more than 316 bytes',
  ],
]

/** Statuses of the PatchException that are refused. */
export const refusedExceptionStatus: readonly Refusal[] = [
  [
    { state: 'Over' },
    'status.state: Unsupported value: "Over": supported values: "Active", "NotNeeded", "NotAllowed", "Ended", "Invalid"',
  ],
  [
    { workloads: -1 },
    'status.workloads: Invalid value: -1: workloads in body should be greater than or equal to 0',
  ],
  [
    { wouldRefuse: -1 },
    'status.wouldRefuse: Invalid value: -1: wouldRefuse in body should be greater than or equal to 0',
  ],
  [
    { observedGeneration: -1 },
    'status.observedGeneration: Invalid value: -1: observedGeneration in body should be greater than or equal to 0',
  ],
  [
    { lastEvaluated: 'now' },
    'status.lastEvaluated: Invalid value: "now": lastEvaluated in body must be of type date-time: "now"',
  ],
]
