/** What a run found, for people and for programs. */
package dev.utter.chaos.report;
