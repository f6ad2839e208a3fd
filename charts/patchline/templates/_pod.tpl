{{/* What an administrator says about where pods run. Takes a dict of `root`, `of` (values of the component) and `component`. */}}
{{- define "patchline.placement" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .of.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The security of a container, as the profile "restricted" of the Pod Security Standards wants it. */}}
{{- define "patchline.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The security of a pod. On OpenShift, users and groups come from the namespace: `openshift: true` leaves them out. */}}
{{- define "patchline.podSecurity" -}}
runAsNonRoot: true
{{- if not .Values.openshift }}
runAsUser: 65532
runAsGroup: 65532
{{- end }}
{{- end -}}

{{/* The sections of the configuration that the chart sets, over what the values say. As JSON, for fromJson. */}}
{{- define "patchline.config" -}}
{{- $own := dict -}}
{{- if eq .Values.tls.source "managed" -}}
{{- $name := include "patchline.fullname" . -}}
{{- $certificates := dict "source" "managed" -}}
{{- if ne $name "patchline" }}{{ $certificates = dict "source" "managed" "service" $name "configuration" $name }}{{ end -}}
{{- $_ := set $own "webhook" (dict "certificates" $certificates) -}}
{{- else -}}
{{- $_ := set $own "webhook" (dict "certificateFile" "/etc/patchline/tls/tls.crt" "keyFile" "/etc/patchline/tls/tls.key") -}}
{{- if include "patchline.hasPath" . -}}
{{- $_ := set $own.webhook "pathFile" "/etc/patchline/tls/path" -}}
{{- end -}}
{{- end -}}
{{- $_ := set $own "catalog" (dict "directory" "/var/cache/patchline") -}}
{{- mergeOverwrite (deepCopy .Values.config) $own | toJson -}}
{{- end -}}

{{/* Whether a secret path is there: in the Secret of `patchline certs --patch`, or in the values. */}}
{{- define "patchline.hasPath" -}}
{{- if or (include "patchline.isPatched" .) .Values.tls.path }}true{{ end -}}
{{- end -}}

{{/* Whether `patchline certs --patch` writes authority and path into the webhook configurations. */}}
{{- define "patchline.isPatched" -}}
{{- if and (eq .Values.tls.source "existingSecret") (not .Values.tls.existingSecret.caBundle) }}true{{ end -}}
{{- end -}}

{{/* Whether Patchline or its command writes authority and path into the webhook configurations. */}}
{{- define "patchline.isWritten" -}}
{{- if or (include "patchline.isPatched" .) (eq .Values.tls.source "managed") }}true{{ end -}}
{{- end -}}

{{- define "patchline.tlsSecret" -}}
{{- if eq .Values.tls.source "certManager" -}}
{{- default (printf "%s-tls" (include "patchline.fullname" .)) .Values.tls.certManager.secretName -}}
{{- else -}}
{{- .Values.tls.existingSecret.name -}}
{{- end -}}
{{- end -}}

{{/* The volume of the serving pair. */}}
{{- define "patchline.tlsVolume" -}}
- name: tls
{{- if or (include "patchline.isPatched" .) (not .Values.tls.path) }}
  secret:
    {{- if include "patchline.isPatched" . }}
    # Created by `patchline certs --patch`; until then the pods wait.
    {{- end }}
    secretName: {{ include "patchline.tlsSecret" . }}
    # 0440 in octal; YAML 1.1 and 1.2 write octal numbers differently.
    defaultMode: 288
    # ca.crt is left out: nothing here needs it.
    items:
      - key: tls.crt
        path: tls.crt
      - key: tls.key
        path: tls.key
      {{- if include "patchline.isPatched" . }}
      - key: path
        path: path
      {{- end }}
{{- else }}
  projected:
    defaultMode: 288
    sources:
      - secret:
          name: {{ include "patchline.tlsSecret" . }}
          items:
            - key: tls.crt
              path: tls.crt
            - key: tls.key
              path: tls.key
      - secret:
          name: {{ include "patchline.fullname" . }}-path
          items:
            - key: path
              path: path
{{- end }}
{{- end -}}
