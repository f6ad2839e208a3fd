{{/*
The pod of a hook: Patchline's own image, which is there already or about to be, and no other. Takes a dict of `root`, `name` and `args`.
*/}}
{{- define "patchline.hookPod" -}}
metadata:
  labels:
    {{- include "patchline.labels" (dict "root" .root "component" "hook") | nindent 4 }}
spec:
  {{- include "patchline.hookPodSpec" . | nindent 2 }}
{{- end -}}

{{- define "patchline.hookPodSpec" -}}
serviceAccountName: {{ include "patchline.fullname" .root }}-{{ .name }}
automountServiceAccountToken: true
restartPolicy: Never
enableServiceLinks: false
securityContext:
  {{- include "patchline.podSecurity" .root | nindent 2 }}
  seccompProfile:
    type: RuntimeDefault
{{- with include "patchline.placement" (dict "root" .root "of" .root.Values.hooks) }}
{{ . }}
{{- end }}
containers:
  - name: {{ .name }}
    image: {{ include "patchline.image" .root }}
    {{- with .root.Values.image.pullPolicy }}
    imagePullPolicy: {{ . }}
    {{- end }}
    args:
      {{- toYaml .args | nindent 6 }}
    resources:
      {{- toYaml .root.Values.hooks.resources | nindent 6 }}
    securityContext:
      {{- include "patchline.containerSecurity" . | nindent 6 }}
{{- end -}}

{{/* The arguments that say where Patchline is. */}}
{{- define "patchline.placeArgs" -}}
- --namespace
- {{ .Release.Namespace }}
- --service
- {{ include "patchline.fullname" . }}
- --configuration
- {{ include "patchline.fullname" . }}
{{- end -}}

{{/*
The account of a hook with its rights, all of them hooks that come before it and go with it. Takes a dict of `root`, `name`, `hook`,
`clusterRules` and `rules`, the rules as YAML; with `isDoctor` also what `patchline doctor` needs where it tries a review.
*/}}
{{- define "patchline.hookAccount" -}}
{{- $name := printf "%s-%s" (include "patchline.fullname" .root) .name -}}
{{- $labels := include "patchline.labels" (dict "root" .root "component" "hook") -}}
{{- $annotations := printf "helm.sh/hook: %s\nhelm.sh/hook-weight: '-10'\nhelm.sh/hook-delete-policy: before-hook-creation,hook-succeeded" .hook -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- $labels | nindent 4 }}
  annotations:
    {{- $annotations | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ $name }}
  labels:
    {{- $labels | nindent 4 }}
  annotations:
    {{- $annotations | nindent 4 }}
rules:
  {{- .clusterRules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ $name }}
  labels:
    {{- $labels | nindent 4 }}
  annotations:
    {{- $annotations | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ $name }}
subjects:
  - kind: ServiceAccount
    name: {{ $name }}
    namespace: {{ .root.Release.Namespace }}
{{- with .rules }}
---
{{ include "patchline.hookRole" (dict "root" $.root "name" $name "annotations" $annotations "namespace" $.root.Release.Namespace "rules" .) }}
{{- end }}
{{- if .isDoctor }}
---
{{ include "patchline.hookRole" (dict "root" .root "name" $name "annotations" $annotations "namespace" .root.Values.check.namespace "rules" (include "patchline.reviewRules" .root)) }}
{{- end }}
{{- end -}}

{{- define "patchline.hookRole" -}}
{{- $labels := include "patchline.labels" (dict "root" .root "component" "hook") -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- $labels | nindent 4 }}
  annotations:
    {{- .annotations | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- $labels | nindent 4 }}
  annotations:
    {{- .annotations | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .name }}
    namespace: {{ .root.Release.Namespace }}
{{- end -}}

{{/* The Job of a hook. Takes a dict of `root`, `name`, `hook`, `args` and `seconds`. */}}
{{- define "patchline.hookJob" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "patchline.fullname" .root }}-{{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "patchline.labels" (dict "root" .root "component" "hook") | nindent 4 }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-weight: '0'
    # A Job that failed stays, for its log.
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 0
  # Helm waits for a Job that never ends until its own time is over.
  activeDeadlineSeconds: {{ .seconds }}
  template:
    {{- include "patchline.hookPod" . | nindent 4 }}
{{- end -}}

{{/* What `patchline doctor` reads, and the one thing that it tries. */}}
{{- define "patchline.doctorClusterRules" -}}
- apiGroups: [admissionregistration.k8s.io]
  resources: [validatingwebhookconfigurations, mutatingwebhookconfigurations]
  resourceNames: [{{ include "patchline.fullname" . }}]
  verbs: [get]
{{- end -}}

{{- define "patchline.doctorRules" -}}
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list]
{{- end -}}

{{/* In the namespace where a review is tried: a dry run, of an exception that ended long ago. */}}
{{- define "patchline.reviewRules" -}}
- apiGroups: [patchline.dev]
  resources: [patchexceptions]
  verbs: [create]
{{- end -}}
