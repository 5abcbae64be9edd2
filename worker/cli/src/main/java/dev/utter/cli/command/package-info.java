/** Options and exit codes that the commands share. */
package dev.utter.cli.command;
