{{/* The names of the ConfigMaps in which the audit keeps what it knows: two copies of up to eight parts. */}}
{{- define "patchline.stateNames" -}}
{{- $what := . -}}
{{- range $copy := list "a" "b" }}{{ range $part := until 8 -}}
- patchline-{{ $what }}-{{ $copy }}-{{ $part }}
{{ end }}{{ end -}}
{{- end -}}

{{/* What the audit may do in the namespaces that it audits. */}}
{{- define "patchline.audit.namespacedRules" -}}
- apiGroups: ['']
  resources: [pods, podtemplates, replicationcontrollers]
  verbs: [list, watch]
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets, replicasets]
  verbs: [list, watch]
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: [list, watch]
{{- if ne (dig "kubernetes" "policies" "auto" .Values.config) "off" }}
- apiGroups: [patchline.dev]
  resources: [patchexceptions]
  verbs: [list, watch]
# What came of them; never what they say.
- apiGroups: [patchline.dev]
  resources: [patchexceptions/status]
  verbs: [patch]
{{- end }}
{{- if dig "audit" "reports" true .Values.config }}
# One report for each workload, in its namespace; none if neither kind is installed. A rule cannot select by label, so the
# audit itself leaves reports without its label alone.
- apiGroups: [wgpolicyk8s.io]
  resources: [policyreports]
  verbs: [list, create, patch, delete]
- apiGroups: [openreports.io]
  resources: [reports]
  verbs: [list, create, patch, delete]
{{- end }}
{{- if dig "audit" "events" true .Values.config }}
# Events in the namespaces of the workloads. PATCH counts repetitions.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}
{{- end -}}

{{/* The right that `audit.correctAnnotations` needs. */}}
{{- define "patchline.audit.annotationRules" -}}
- apiGroups: ['']
  resources: [pods, podtemplates, replicationcontrollers]
  verbs: [patch]
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets, replicasets]
  verbs: [patch]
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: [patch]
{{- end -}}

{{/* Whether the audit's rights are Roles of the namespaces that it audits. */}}
{{- define "patchline.audit.isNamespaced" -}}
{{- if .Values.rbac.namespaced -}}
{{- if not (dig "audit" "namespaces" list .Values.config) -}}
{{- fail "rbac.namespaced needs config.audit.namespaces: the rights are Roles of these namespaces" -}}
{{- end -}}
true
{{- end -}}
{{- end -}}

{{/* What the webhook may do in the cluster. */}}
{{- define "patchline.webhook.rules" -}}
{{- $copies := ne (dig "enforcement" "copies" "allowed" .Values.config) "refused" -}}
{{- if ne (dig "kubernetes" "namespaceLabels" "auto" .Values.config) "off" }}
- apiGroups: ['']
  resources: [namespaces]
  verbs: [get, list, watch]
{{- end }}
{{- if (ne (dig "kubernetes" "policies" "auto" .Values.config) "off") }}
# None if their definitions are not installed. The audit writes their status.
- apiGroups: [patchline.dev]
  resources: [patchpolicies, patchexceptions]
  verbs: [list, watch]
{{- end }}
{{- if or $copies .Values.webhook.previews }}
- apiGroups: ['']
  resources: [pods]
  verbs: [list]
- apiGroups: [batch]
  resources: [cronjobs]
  verbs: [get, list]
{{- end }}
{{- if .Values.webhook.previews }}
# To count what a policy or the label of a namespace would refuse, when it is applied.
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [list]
{{- end }}
{{- if include "patchline.api.asksForAccess" . }}
# To check who may ask for verdicts.
- apiGroups: [authentication.k8s.io]
  resources: [tokenreviews]
  verbs: [create]
- apiGroups: [authorization.k8s.io]
  resources: [subjectaccessreviews]
  verbs: [create]
{{- end }}
{{- end -}}

{{/* Not empty: the API server says who may ask for verdicts. */}}
{{- define "patchline.api.asksForAccess" -}}
{{- if and (dig "api" "port" 0 .Values.config) (eq (dig "api" "authentication" "off" .Values.config) "kubernetes") }}true{{ end }}
{{- end -}}
