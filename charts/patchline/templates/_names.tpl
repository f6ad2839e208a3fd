{{/*
The name of all objects: that of the release where it says "patchline", else both. A name has at most 40 characters, for the longest
that is made of it ("-pull-secret-reader") has to stay below 63. A longer one keeps its beginning and gets a hash, so that two long
names that begin alike stay two names.
*/}}
{{- define "patchline.fullname" -}}
{{- $base := default .Chart.Name .Values.nameOverride -}}
{{- $name := .Release.Name -}}
{{- if not (contains $base .Release.Name) -}}
{{- $name = printf "%s-%s" .Release.Name $base -}}
{{- end -}}
{{- include "patchline.short" (default $name .Values.fullnameOverride) -}}
{{- end -}}

{{/* A name of at most 40 characters that is a DNS label: the name of a release may have dots, that of a Service may not. */}}
{{- define "patchline.short" -}}
{{- $name := . | replace "." "-" -}}
{{- if gt (len $name) 40 -}}
{{- printf "%s-%s" ($name | trunc 31 | trimSuffix "-") (. | sha256sum | trunc 8) -}}
{{- else -}}
{{- $name | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "patchline.audit.fullname" -}}
{{- include "patchline.fullname" . }}-audit
{{- end -}}

{{/* The name of the chart as a label; of the plus in a version a label may have none. */}}
{{- define "patchline.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The labels by which pods are found; they never change. Takes a dict of `root` and `component`. */}}
{{- define "patchline.selectorLabels" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* The labels of an object. Takes a dict of `root` and, for an object of one component, `component`. */}}
{{- define "patchline.labels" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ include "patchline.chart" .root }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "patchline.image" -}}
{{- with .Values.image -}}
{{- if .registry }}{{ .registry }}/{{ end }}{{ .repository }}:{{ default $.Chart.AppVersion .tag }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "patchline.webhook.serviceAccount" -}}
{{- if .Values.webhook.serviceAccount.create -}}
{{- default (include "patchline.fullname" .) .Values.webhook.serviceAccount.name -}}
{{- else -}}
{{- required "webhook.serviceAccount.name is needed where webhook.serviceAccount.create is false" .Values.webhook.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "patchline.audit.serviceAccount" -}}
{{- if .Values.audit.serviceAccount.create -}}
{{- default (include "patchline.audit.fullname" .) .Values.audit.serviceAccount.name -}}
{{- else -}}
{{- required "audit.serviceAccount.name is needed where audit.serviceAccount.create is false" .Values.audit.serviceAccount.name -}}
{{- end -}}
{{- end -}}
