/** The worker process: its settings and its life cycle. */
package dev.utter.worker;
