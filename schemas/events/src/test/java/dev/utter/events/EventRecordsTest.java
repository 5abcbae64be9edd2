package dev.utter.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;

final class EventRecordsTest {
  @Test
  void aRequestWithNothingButItsTextGetsTheDocumentedDefaults() {
    // When
    SynthesisRequested request = request();

    // Then
    assertThat(request.getSpeaker()).isZero();
    assertThat(request.getContext()).isEmpty();
    assertThat(request.getOptions().getMaxDurationMillis()).isEqualTo(10_000);
    assertThat(request.getOptions().getTemperature()).isEqualTo(0.9f);
    assertThat(request.getOptions().getTopK()).isEqualTo(50);
    assertThat(request.getOptions().getSeed()).isNull();
    assertThat(request.getOptions().getFormat()).isEqualTo(AudioFormat.WAV_PCM16);
    assertThat(request.getPriority()).isEqualTo(Priority.NORMAL);
    assertThat(request.getDeadline()).isNull();
    assertThat(request.getAttributes()).isEmpty();
  }

  @Test
  void aRequestSurvivesTheWire() throws Exception {
    // Given
    SynthesisRequested request =
        SynthesisRequested.newBuilder(request())
            .setContext(
                List.of(
                    new ContextUtterance(
                        1, "Hi.", new ObjectReference("bucket", "key", "version"))))
            .setAttributes(Map.of("tenant", "a"))
            .setDeadline(Instant.ofEpochMilli(1_700_000_060_000L))
            .build();

    // Then
    assertThat(roundTrip(request, SynthesisRequested.getClassSchema())).isEqualTo(request);
  }

  @Test
  void aPriorityOfANewerWriterReadsAsUnknown() throws Exception {
    // Given
    Schema newer =
        new Schema.Parser()
            .parse(
                SynthesisRequested.getClassSchema()
                    .toString()
                    .replace("\"INTERACTIVE\",\"NORMAL\"", "\"URGENT\",\"NORMAL\""));

    // When: INTERACTIVE's place in the bytes is what the newer writer calls URGENT
    SynthesisRequested read =
        roundTrip(
            SynthesisRequested.newBuilder(request()).setPriority(Priority.INTERACTIVE).build(),
            newer);

    // Then
    assertThat(read.getPriority()).isEqualTo(Priority.UNKNOWN);
  }

  private static SynthesisRequested request() {
    return SynthesisRequested.newBuilder()
        .setRequestId("a")
        .setText("Hello.")
        .setRequestedAt(Instant.ofEpochMilli(1_700_000_000_000L))
        .build();
  }

  private static SynthesisRequested roundTrip(SynthesisRequested request, Schema writtenAs)
      throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new SpecificDatumWriter<SynthesisRequested>(SynthesisRequested.getClassSchema())
        .write(request, encoder);
    encoder.flush();
    return new SpecificDatumReader<SynthesisRequested>(
            writtenAs, SynthesisRequested.getClassSchema())
        .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
  }
}
