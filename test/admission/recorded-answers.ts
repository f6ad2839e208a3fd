/** Where the AdmissionReviews lie that a Kubernetes 1.36 API server sent. */
export const recordedReviews = new URL('../reviews/', import.meta.url)

/** What comes of one recorded review; what is not named is absent from the answer. */
export interface Expected {
  readonly warnings?: readonly string[]
  /** What goes to the audit log: as `outdated` in warn, as `refused` in enforce. */
  readonly outdated?: string
  /** What goes there of registries that the configuration does not list. */
  readonly unlisted?: string
  /** The message of the refusal in enforce; where it is absent, enforce answers as warn does. */
  readonly refusal?: string
  readonly status?: string
  readonly images?: string
}

/** What is expected of each, file by file, where the catalog knows `knownTags`. */
export const recordedAnswers: Readonly<Record<string, Expected>> = {
  'cronjob-create.json': {
    warnings: ['patchline: c: busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36)'],
    outdated: 'c: busybox:1.36.0 -> 1.36.1',
    refusal:
      'CronJob c: container c: busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36). Use busybox:1.36.1. To keep it on purpose, annotate the CronJob with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"c":{"image":"busybox:1.36.0","verdict":"outdated","newest":"1.36.1","behind":1,"reason":"newer"}}',
  },
  'daemonset-create-port-host-untagged.json': {
    warnings: ['patchline: ds/b: quay.io/prometheus/node-exporter floats; pin a version to know what runs'],
    unlisted: 'a: localhost:5000/agent:1.0.0',
    status: 'unknown',
    images:
      '{"a":{"image":"localhost:5000/agent:1.0.0","verdict":"unknown","behind":0,"reason":"not-allowed"},"b":{"image":"quay.io/prometheus/node-exporter","verdict":"floating","behind":0,"reason":"no-tag"}}',
  },
  'deployment-create-dry-run.json': {
    warnings: ['patchline: dry: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
    outdated: 'nginx: nginx:1.25.1 -> 1.25.5',
    refusal:
      'Deployment dry: container nginx: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. To keep it on purpose, annotate the Deployment with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"nginx":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}',
  },
  'deployment-create-server-side-apply.json': {
    warnings: ['patchline: ssa: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1)'],
    outdated: 'c: nginx:1.25.1 -> 1.25.5',
    refusal:
      'Deployment ssa: container c: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1). Use nginx:1.25.5. To keep it on purpose, annotate the Deployment with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"c":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}',
  },
  'deployment-create.json': {
    warnings: ['patchline: web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
    outdated: 'nginx: nginx:1.25.1 -> 1.25.5',
    refusal:
      'Deployment web: container nginx: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. To keep it on purpose, annotate the Deployment with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"nginx":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}',
  },
  'deployment-scale-subresource.json': {},
  'deployment-update-image.json': {
    status: 'current',
    images: '{"nginx":{"image":"nginx:1.25.5","verdict":"current","behind":0,"reason":"newest"}}',
  },
  'deployment-update-rollout-undo.json': {
    warnings: ['patchline: web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
    outdated: 'nginx: nginx:1.25.1 -> 1.25.5',
    refusal:
      'Deployment web: container nginx: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. To keep it on purpose, annotate the Deployment with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"nginx":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}',
  },
  'job-create.json': {
    warnings: ['patchline: j: busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36)'],
    outdated: 'j: busybox:1.36.0 -> 1.36.1',
    refusal:
      'Job j: container j: busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36). Use busybox:1.36.1. To keep it on purpose, annotate the Job with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"j":{"image":"busybox:1.36.0","verdict":"outdated","newest":"1.36.1","behind":1,"reason":"newer"}}',
  },
  'pod-create-bare.json': {
    warnings: ['patchline: bare: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
    outdated: 'bare: nginx:1.25.1 -> 1.25.5',
    refusal:
      'Pod bare: container bare: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. To keep it on purpose, annotate the Pod with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"bare":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}',
  },
  'pod-create-by-job-controller.json': {},
  'pod-create-by-replicaset-controller.json': {},
  'pod-create-by-replication-controller.json': {},
  'pod-create-by-scaling.json': {},
  'pod-create-by-statefulset-controller.json': {},
  'pod-create-image-volume-pull-secret.json': {
    warnings: [
      'patchline: imgvol/a: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)',
      'patchline: imgvol/model: ghcr.io/org/model:v2.0.1 is 1 version behind v2.0.2 (line 2.0)',
    ],
    outdated: 'a: nginx:1.25.1 -> 1.25.5; model: ghcr.io/org/model:v2.0.1 -> v2.0.2',
    refusal:
      'Pod imgvol: container a: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25); image volume model: ghcr.io/org/model:v2.0.1 is 1 version behind v2.0.2 (line 2.0). Use the newest tags. To keep it on purpose, annotate the Pod with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"a":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"},"model":{"image":"ghcr.io/org/model:v2.0.1","verdict":"outdated","newest":"v2.0.2","behind":1,"reason":"newer"}}',
  },
  'pod-create-unreadable-images-generate-name.json': {
    warnings: [
      'patchline: gen-r4x9m/a: image "nginx:not a tag" is not a reference',
      'patchline: gen-r4x9m/b: image "http://169.254.169.254/latest" is not a reference',
    ],
    status: 'unknown',
    images:
      '{"a":{"image":"nginx:not a tag","verdict":"unknown","behind":0,"reason":"invalid-reference"},"b":{"image":"http://169.254.169.254/latest","verdict":"unknown","behind":0,"reason":"invalid-reference"}}',
  },
  'pod-delete.json': {},
  'pod-ephemeralcontainers-update.json': {
    warnings: ['patchline: bare/debugger-8wc2g: busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36)'],
    outdated: 'debugger-8wc2g: busybox:1.36.0 -> 1.36.1',
    refusal:
      'Pod bare: ephemeral container debugger-8wc2g: busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36). Use busybox:1.36.1. To keep it on purpose, annotate the Pod with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
  },
  'pod-update-image-in-place.json': {
    warnings: ['patchline: bare: nginx:1.25.2 is 3 versions behind 1.25.5 (line 1.25)'],
    outdated: 'bare: nginx:1.25.2 -> 1.25.5',
    // A step forward: 1.25.1 was there before.
    status: 'outdated',
    images:
      '{"bare":{"image":"nginx:1.25.2","verdict":"outdated","newest":"1.25.5","behind":3,"reason":"newer"}}',
  },
  'pod-update-label-only.json': {
    status: 'outdated',
    images:
      '{"bare":{"image":"nginx:1.25.2","verdict":"outdated","newest":"1.25.5","behind":3,"reason":"newer"},"debugger-8wc2g":{"image":"busybox:1.36.0","verdict":"outdated","newest":"1.36.1","behind":1,"reason":"newer"}}',
  },
  'podtemplate-create.json': {
    warnings: ['patchline: pt: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
    outdated: 'a: nginx:1.25.1 -> 1.25.5',
    refusal:
      'PodTemplate pt: container a: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. To keep it on purpose, annotate the PodTemplate with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"a":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}',
  },
  'replicaset-create-after-update.json': {},
  'replicaset-create-by-deployment-controller.json': {},
  'replicaset-update-scaled-by-controller.json': {},
  'replicationcontroller-create.json': {
    status: 'current',
    images: '{"a":{"image":"registry.k8s.io/pause:3.9","verdict":"current","behind":0,"reason":"newest"}}',
  },
  'statefulset-create-init-sidecar-digest.json': {
    warnings: [
      'patchline: sts/db: docker.io/library/postgres:15.4 is 1 version behind 15.5 (line 15)',
      'patchline: sts/init: busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36)',
      'patchline: sts/side: ghcr.io/org/side:v1.2.3 is 1 version behind v1.2.5 (line 1.2) (pinned by digest)',
    ],
    outdated:
      'db: docker.io/library/postgres:15.4 -> 15.5; init: busybox:1.36.0 -> 1.36.1; side: ghcr.io/org/side:v1.2.3 -> v1.2.5',
    refusal:
      'StatefulSet sts: container db: docker.io/library/postgres:15.4 is 1 version behind 15.5 (line 15); init container init: busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36); init container side: ghcr.io/org/side:v1.2.3 is 1 version behind v1.2.5 (line 1.2). Use the newest tags. To keep it on purpose, annotate the StatefulSet with patchline.dev/strategy=rebuild, or have the namespace "default" labelled patchline.dev/mode=warn.',
    status: 'outdated',
    images:
      '{"db":{"image":"docker.io/library/postgres:15.4","verdict":"outdated","newest":"15.5","behind":1,"reason":"newer"},"init":{"image":"busybox:1.36.0","verdict":"outdated","newest":"1.36.1","behind":1,"reason":"newer"},"side":{"image":"ghcr.io/org/side:v1.2.3@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","verdict":"outdated","newest":"v1.2.5","behind":1,"reason":"newer"}}',
  },
}
