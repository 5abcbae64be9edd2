/** Commands of a worker: run or check it; and of one request: look it up, cancel it, forget it. */
package dev.utter.cli.command.worker;
