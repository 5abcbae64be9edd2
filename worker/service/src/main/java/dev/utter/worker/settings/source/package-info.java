/**
 * What a setting is, and how it is read from file and environment. Each settings record describes
 * its own with a {@link dev.utter.worker.settings.source.SettingGroup}.
 */
package dev.utter.worker.settings.source;
