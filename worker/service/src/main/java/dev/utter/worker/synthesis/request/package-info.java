/** What a request asks for, checked: its plan, and the fingerprint of its content. */
package dev.utter.worker.synthesis.request;
