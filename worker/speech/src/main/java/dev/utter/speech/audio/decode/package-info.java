/** Audio files in: plain WAV is read here, everything else by the ffmpeg program. */
package dev.utter.speech.audio.decode;
