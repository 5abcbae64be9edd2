/** Commands for dead letters. */
package dev.utter.cli.command.letters;
