/** Creating the topics, and comparing a cluster with what the workers need. */
package dev.utter.worker.operator.topics;
