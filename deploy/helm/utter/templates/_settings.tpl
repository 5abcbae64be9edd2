{{/*
The settings file of a workload, from (dict "root" $ "name" WORKLOAD). Secrets are references to mounted files.
*/}}
{{- define "utter.settings" -}}
{{- $values := .root.Values -}}
{{- $workload := index $values .name -}}
{{- $secrets := include "utter.secrets" . | fromYaml -}}
{{- $synthesizes := eq .name "synthesis" -}}
{{- $handlesClips := ne .name "admission" -}}
{{- $settings := mustMergeOverwrite (dict) (deepCopy $values.settings) (deepCopy $workload.settings) -}}
{{- range $section := list "worker" "kafka" "registry" "output" "http" -}}
{{- $_ := set $settings $section (index $settings $section | default dict) -}}
{{- end -}}
{{- $development := $settings.worker.development | default false -}}

{{- $_ := set $settings.worker "roles" (index (dict "admission" (list "ADMISSION" "STATUS") "verification" (list "VERIFICATION") "synthesis" (list "SYNTHESIS")) .name) -}}
{{- $_ := set $settings.worker "stopTimeout" (printf "%ss" (include "utter.stopSeconds" .)) -}}
{{- $_ := set $settings.kafka "stateFolder" "/var/lib/utter" -}}
{{- $_ := set $settings.http "port" 8080 -}}
{{- range $client := list "kafka" "registry" -}}
{{- $secret := index $secrets $client -}}
{{- if $secret.name -}}
{{- $section := index $settings $client -}}
{{- $properties := $section.properties | default dict -}}
{{- range $property, $key := $secret.properties -}}
{{- $_ := set $properties $property (printf "file:/etc/utter/secrets/%s/%s" $client $key) -}}
{{- end -}}
{{- $_ := set $section "properties" $properties -}}
{{- end -}}
{{- end -}}

{{- if $handlesClips -}}
{{- $storage := $settings.storage | default dict -}}
{{- if and $secrets.storage.name (ne ($storage.credentials | default "KEYS") "PLATFORM") -}}
{{- range $setting := list "accessKey" "secretKey" "sessionToken" -}}
{{- with index $secrets.storage $setting -}}
{{- $_ := set $storage $setting (printf "file:/etc/utter/secrets/storage/%s" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .root.Values.model.cache.claim (not $storage.modelCache) -}}
{{- $_ := set $storage "modelCache" "/var/cache/utter-models" -}}
{{- end -}}
{{- $_ := set $settings "storage" $storage -}}
{{- $watermark := $settings.watermark | default dict -}}
{{- $source := include "utter.modelSource" (dict "root" .root "settings" $settings) -}}
{{- if not $watermark.source -}}
{{- if not (hasPrefix "/" $source) -}}
{{- fail (printf "settings.watermark.source is missing: settings.model.source is %s, and only a folder may hold the watermark's networks, too" $source) -}}
{{- end -}}
{{- $_ := set $watermark "source" (printf "%s/watermark" $source) -}}
{{- end -}}
{{- if $secrets.watermark.name -}}
{{- $keys := list -}}
{{- range $secrets.watermark.keys -}}
{{- $keys = append $keys (dict "id" .id "key" (printf "file:/etc/utter/secrets/watermark/%s" .key)) -}}
{{- end -}}
{{- $_ := set $watermark "keys" $keys -}}
{{- else if not (or $watermark.keys $development) -}}
{{- fail "secrets.watermark.name is empty: name a Secret with the watermark's keys; only settings.worker.development: true goes without" -}}
{{- end -}}
{{- $_ := set $settings "watermark" $watermark -}}
{{- else -}}
{{- range $section := list "storage" "watermark" -}}
{{- $_ := unset $settings $section -}}
{{- end -}}
{{- end -}}

{{- if $synthesizes -}}
{{- $model := $settings.model | default dict -}}
{{- $_ := set $model "source" (include "utter.modelSource" (dict "root" .root "settings" $settings)) -}}
{{- if and $workload.gpu.enabled (not $model.device) -}}
{{- $_ := set $model "device" "cuda" -}}
{{- end -}}
{{- $_ := set $settings "model" $model -}}
{{- $intake := $settings.intake | default dict -}}
{{- $_ := set $intake "stopGrace" (printf "%ss" (include "utter.stopGraceSeconds" .)) -}}
{{- $_ := set $settings "intake" $intake -}}
{{- if $secrets.clipKeys.name -}}
{{- $files := list -}}
{{- range $secrets.clipKeys.keys -}}
{{- $files = append $files (printf "file:/etc/utter/secrets/clipKeys/%s" .) -}}
{{- end -}}
{{- $_ := set $settings.output "clipKeys" $files -}}
{{- else if not (or $settings.output.clipKeys $development) -}}
{{- fail "secrets.clipKeys.name is empty: name a Secret for output.clipKeys; only settings.worker.development: true goes without" -}}
{{- end -}}
{{- if $secrets.signing.name -}}
{{- $_ := set $settings "signing" (dict "privateKeyFile" (printf "/etc/utter/secrets/signing/%s" $secrets.signing.key)) -}}
{{- end -}}
{{- else -}}
{{- range $section := list "model" "signing" "intake" "synthesis" -}}
{{- $_ := unset $settings $section -}}
{{- end -}}
{{- $_ := unset $settings.output "clipKeys" -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end -}}

{{/* From (dict "root" $ "settings" SETTINGS): where the checkpoint is. */}}
{{- define "utter.modelSource" -}}
{{- $model := .settings.model | default dict -}}
{{- if $model.source -}}
{{ $model.source }}
{{- else if .root.Values.model.claim -}}
{{ list "/models" .root.Values.model.path | compact | join "/" }}
{{- else -}}
/opt/utter/worker/speech/models/development
{{- end -}}
{{- end -}}

{{/* The Secrets that a workload's settings refer to. */}}
{{- define "utter.secrets" -}}
{{- $workload := index .root.Values .name -}}
{{- $secrets := mustMergeOverwrite (dict) (deepCopy .root.Values.secrets) (deepCopy $workload.secrets) -}}
{{- $needed := dict "admission" (list "kafka" "registry") "verification" (list "kafka" "registry" "storage" "watermark") "synthesis" (list "kafka" "registry" "storage" "watermark" "clipKeys" "signing") -}}
{{- $storage := dig "storage" "credentials" "KEYS" (mustMergeOverwrite (dict) (deepCopy .root.Values.settings) (deepCopy $workload.settings)) -}}
{{- range $what, $secret := $secrets -}}
{{- if or (not (has $what (index $needed $.name))) (and (eq $what "storage") (eq $storage "PLATFORM")) -}}
{{- $_ := set $secret "name" "" -}}
{{- end -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end -}}
