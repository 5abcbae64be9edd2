/** Workers with one deliberate defect, which the checker must find. */
package dev.utter.chaos.mutant;
