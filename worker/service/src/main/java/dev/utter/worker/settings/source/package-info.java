/**
 * Where the values of settings come from: sections of the YAML file under the overrides of the
 * environment, and files of secrets.
 */
package dev.utter.worker.settings.source;
