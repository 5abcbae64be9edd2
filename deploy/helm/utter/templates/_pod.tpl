{{/* Security of a pod of ours: nothing of it may write but to its volumes. */}}
{{- define "utter.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "utter.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* What all pods of a workload have, from (dict "root" $ "name" WORKLOAD "config" CONFIGMAP). */}}
{{- define "utter.podCommon" -}}
serviceAccountName: {{ include "utter.serviceAccount" .root }}
automountServiceAccountToken: false
# The worker refuses variables that begin with UTTER_ and are no setting; those of services would be.
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "utter.podSecurity" . | nindent 2 }}
{{- end -}}

{{- define "utter.volumeMounts" -}}
- name: settings
  mountPath: /etc/utter/worker.yaml
  subPath: worker.yaml
  readOnly: true
- name: state
  mountPath: /var/lib/utter
- name: cache
  mountPath: /var/cache/utter
- name: temporary
  mountPath: /tmp
{{- range $what, $secret := include "utter.secrets" . | fromYaml }}
{{- if $secret.name }}
- name: secret-{{ $what | kebabcase }}
  mountPath: /etc/utter/secrets/{{ $what }}
  readOnly: true
{{- end }}
{{- end }}
{{- if and .root.Values.model.claim (ne .name "admission") }}
- name: model
  mountPath: /models
  readOnly: true
{{- end }}
{{- if and .root.Values.model.cache.claim (ne .name "admission") }}
- name: model-cache
  mountPath: /var/cache/utter-models
{{- end }}
{{- end -}}

{{- define "utter.volumes" -}}
- name: settings
  configMap:
    name: {{ .config }}
- name: cache
  emptyDir: {}
# Context recordings that are being decoded, and native libraries.
- name: temporary
  emptyDir: {}
{{- range $what, $secret := include "utter.secrets" . | fromYaml }}
{{- if $secret.name }}
- name: secret-{{ $what | kebabcase }}
  secret:
    secretName: {{ $secret.name }}
    defaultMode: 0440
{{- end }}
{{- end }}
{{- if and .root.Values.model.claim (ne .name "admission") }}
- name: model
  persistentVolumeClaim:
    claimName: {{ .root.Values.model.claim }}
    readOnly: true
{{- end }}
{{- if and .root.Values.model.cache.claim (ne .name "admission") }}
- name: model-cache
  persistentVolumeClaim:
    claimName: {{ .root.Values.model.cache.claim }}
{{- end }}
{{- end -}}

{{- define "utter.logEnv" -}}
- name: UTTER_LOG_FORMAT
  value: {{ .root.Values.logging.format }}
- name: UTTER_LOG_LEVEL
  value: {{ .root.Values.logging.level }}
{{- end -}}
