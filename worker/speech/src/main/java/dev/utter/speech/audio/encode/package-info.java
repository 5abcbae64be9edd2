/** Audio files out: plain WAV is written here, everything else by the ffmpeg program. */
package dev.utter.speech.audio.encode;
