/** The command line: one class per command. The only place that puts all the parts together. */
package dev.utter.cli;
