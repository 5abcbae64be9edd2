/** What an operator asks about one request, or does to it. */
package dev.utter.worker.operator.requests;
