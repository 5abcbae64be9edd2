/** What the commands share: options and exit codes. */
package dev.utter.cli.command;
