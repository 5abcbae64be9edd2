/** The commands, one class each, and the options they share. */
package dev.utter.cli.command;
