{{- define "utter.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Names of pods and their labels have 63 characters; what is appended has up to 23. */}}
{{- define "utter.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "utter.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "utter.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "utter.selector" -}}
app.kubernetes.io/name: {{ include "utter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "utter.labels" -}}
{{ include "utter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "utter.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "utter.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "utter.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{/* Seconds that a stop may take in all. The worker needs some beside those in which clips are finished. */}}
{{- define "utter.stopSeconds" -}}
{{- if eq .name "synthesis" -}}
{{ add (include "utter.stopGraceSeconds" .) 15 }}
{{- else -}}
{{ (index .root.Values .name).stopSeconds }}
{{- end -}}
{{- end -}}

{{/* Seconds in which the longest clip is finished. */}}
{{- define "utter.stopGraceSeconds" -}}
{{- with (index .root.Values .name).stop -}}
{{ mulf .longestClipSeconds .secondsPerAudioSecond | ceil | int }}
{{- end -}}
{{- end -}}

{{/* The process is killed after this: the worker's own limit, and time for Java to end. */}}
{{- define "utter.terminationSeconds" -}}
{{ add (include "utter.stopSeconds" .) 10 }}
{{- end -}}
