/** Stands for a library, for the test of the rules. */
package dev.utter.architecture.breaking.lib.ch.qos.logback;
