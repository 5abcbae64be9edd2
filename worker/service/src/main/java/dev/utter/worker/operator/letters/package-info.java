/** What an operator does with dead letters: look at them, publish them again, set them aside. */
package dev.utter.worker.operator.letters;
