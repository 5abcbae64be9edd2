/** Which requests were cancelled, and by whom. */
package dev.utter.worker.synthesis.cancellation;
