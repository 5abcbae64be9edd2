/** The networks of a worker: which folders they are in, their download and load. */
package dev.utter.worker.network;
