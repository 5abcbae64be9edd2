/** Commands of a worker: run or check it, and forget a request. */
package dev.utter.cli.command.worker;
