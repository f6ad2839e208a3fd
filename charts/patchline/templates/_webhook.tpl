{{/* Where the API server finds the webhook. Takes a dict of `root` and `endpoint`. */}}
{{- define "patchline.clientConfig" -}}
clientConfig:
  service:
    name: {{ include "patchline.fullname" .root }}
    namespace: {{ .root.Release.Namespace }}
    port: 443
    {{- if not (include "patchline.isWritten" .root) }}
    path: /{{ .endpoint }}{{ with .root.Values.tls.path }}/{{ . }}{{ end }}
    {{- end }}
  {{- if include "patchline.isPatched" .root }}
  # `patchline certs --patch` writes the caBundle and the path of the service, a secret that only the API server knows.
  # Applying this file again leaves them as they are.
  {{- else if eq .root.Values.tls.source "managed" }}
  # Patchline writes the caBundle and the path of the service, a secret that only the API server knows.
  {{- else if eq .root.Values.tls.source "existingSecret" }}
  caBundle: {{ .root.Values.tls.existingSecret.caBundle | b64enc }}
  {{- end }}
{{- end -}}

{{/* The annotations of both webhook configurations. */}}
{{- define "patchline.webhookAnnotations" -}}
# Argo CD applies them after all else, and deletes them before all else.
argocd.argoproj.io/sync-wave: '10'
{{- if eq .Values.tls.source "certManager" }}
cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "patchline.fullname" . }}
{{- end }}
{{- end -}}

{{- define "patchline.failurePolicy" -}}
{{ if eq .Values.webhook.failurePolicy "Ignore" -}}
# Without a response the request is allowed: losing Patchline blocks nothing.
{{ end -}}
failurePolicy: {{ .Values.webhook.failurePolicy }}
{{- end -}}

{{/* Namespaces that keep the cluster alive, and Patchline's own. */}}
{{- define "patchline.excluded" -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values: [{{ append .Values.webhook.excludedNamespaces .Release.Namespace | uniq | join ", " }}]
{{- end -}}

{{/* The namespaces whose objects are sent. */}}
{{- define "patchline.namespaceSelector" -}}
namespaceSelector:
  {{- with .Values.webhook.namespaceSelector.matchLabels }}
  matchLabels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  matchExpressions:
    # Selects by the label that the API server sets itself: users cannot exclude a namespace, or include these, with their
    # own labels. Namespaces that keep the cluster alive are never judged, and neither is Patchline.
    {{- include "patchline.excluded" . | nindent 4 }}
    {{- if .Values.webhook.optIn }}
    - key: patchline.dev/mode
      operator: Exists
    {{- end }}
    {{- with .Values.webhook.namespaceSelector.matchExpressions }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* Whether the API server knows matchConditions. */}}
{{- define "patchline.hasConditions" -}}
{{- $auto := semverCompare ">=1.28.0-0" .Capabilities.KubeVersion.Version -}}
{{- if eq .Values.webhook.matchConditions "auto" }}{{ if $auto }}true{{ end }}
{{- else if eq .Values.webhook.matchConditions "always" }}true{{ end -}}
{{- end -}}

{{- define "patchline.matchConditions" -}}
# Objects that the controllers of Kubernetes create as children of workloads are never judged or annotated (rule 1 of
# docs/enforcement.md), so they do not have to wait for Patchline, whatever its state. Only objects that people and other
# controllers write are sent. The account comes first: for all other users the rest is not evaluated, so nothing that they
# write can make the expression fail, which would skip the webhook. One expression covers all pairs because the API server
# evaluates every expression for every request. An API server before 1.28 does not know this field: it has to be left out there.
matchConditions:
  - name: no-child-of-built-in-controller
    expression: >-
      !((request.userInfo.username.startsWith('system:serviceaccount:kube-system:')
      || request.userInfo.username == 'system:kube-controller-manager') && [
      ['deployment-controller', 'apps', 'ReplicaSet', 'apps/v1', 'Deployment'],
      ['replicaset-controller', '', 'Pod', 'apps/v1', 'ReplicaSet'],
      ['statefulset-controller', '', 'Pod', 'apps/v1', 'StatefulSet'],
      ['daemon-set-controller', '', 'Pod', 'apps/v1', 'DaemonSet'],
      ['job-controller', '', 'Pod', 'batch/v1', 'Job'],
      ['replication-controller', '', 'Pod', 'v1', 'ReplicationController'],
      ['cronjob-controller', 'batch', 'Job', 'batch/v1', 'CronJob']
      ].exists(pair, request.userInfo.username in ['system:serviceaccount:kube-system:' + pair[0], 'system:kube-controller-manager']
      && request.kind.group == pair[1] && request.kind.kind == pair[2] && has(object.metadata.ownerReferences)
      && object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller
      && owner.apiVersion == pair[3] && owner.kind == pair[4])))
{{- end -}}

{{/* The rules for custom kinds: those that Patchline knows, and those of the configuration. */}}
{{- define "patchline.customRules" -}}
# Custom kinds with pod templates that Patchline knows by default. A rule matches nothing if the kind is not installed.
{{- if include "patchline.isPatched" . }}
# For kinds under `workloads` in the configuration: `patchline certs --patch --config FILE`.
{{- end }}
- apiGroups: [argoproj.io]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [rollouts]
  scope: Namespaced
- apiGroups: [apps.openshift.io]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [deploymentconfigs]
  scope: Namespaced
- apiGroups: [serving.knative.dev]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [services, configurations, revisions]
  scope: Namespaced
- apiGroups: [core.strimzi.io]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [strimzipodsets]
  scope: Namespaced
- apiGroups: [apps.kruise.io]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [clonesets, statefulsets, daemonsets, broadcastjobs]
  scope: Namespaced
- apiGroups: [batch.volcano.sh]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [jobs]
  scope: Namespaced
- apiGroups: [jobset.x-k8s.io]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [jobsets]
  scope: Namespaced
- apiGroups: [leaderworkerset.x-k8s.io]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [leaderworkersets]
  scope: Namespaced
- apiGroups: [keda.sh]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [scaledjobs]
  scope: Namespaced
- apiGroups: [ray.io]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [rayclusters, rayjobs, rayservices]
  scope: Namespaced
{{- range .Values.config.workloads }}
- apiGroups: [{{ .group }}]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  resources: [{{ default (include "patchline.plural" .kind) .resource }}]
  scope: Namespaced
{{- end }}
{{- end -}}

{{/* The plural of a kind as controller-gen derives it, and Patchline. */}}
{{- define "patchline.plural" -}}
{{- $kind := lower . -}}
{{- if regexMatch "[^aeiou]y$" $kind }}{{ trimSuffix "y" $kind }}ies
{{- else if regexMatch "(s|x|z|ch|sh)$" $kind }}{{ $kind }}es
{{- else }}{{ $kind }}s{{ end -}}
{{- end -}}
