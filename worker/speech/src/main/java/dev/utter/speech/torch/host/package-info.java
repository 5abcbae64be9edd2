/** Memory of the machine and of the control group that the process is in. */
package dev.utter.speech.torch.host;
