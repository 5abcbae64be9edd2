/** Breaks an import rule, for the test of the rules. */
package dev.utter.architecture.breaking.worker.network;
