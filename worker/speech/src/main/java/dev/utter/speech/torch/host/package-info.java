/** The machine: its processor, its memory, and that of the control group of the process. */
package dev.utter.speech.torch.host;
