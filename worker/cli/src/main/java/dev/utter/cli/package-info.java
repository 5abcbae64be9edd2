/** The program of a production image, and what the other programs of this project share with it. */
package dev.utter.cli;
