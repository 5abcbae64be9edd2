/** The fault harness: real processes, a seeded schedule of faults, and what its history proves. */
package dev.utter.chaos;
