/** What a run found, for people and for programs. */
package dev.utter.cli.chaos.report;
