/** What an operator does with a record that a stage cannot get past. */
package dev.utter.worker.operator.skip;
