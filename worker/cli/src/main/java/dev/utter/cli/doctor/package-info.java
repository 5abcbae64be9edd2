/** Checks of an installation: machine, model, watermark, and the services that a worker needs. */
package dev.utter.cli.doctor;
