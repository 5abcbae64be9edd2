/** Which objects a request may name: where its context may come from and where its clip may go. */
package dev.utter.worker.access;
