package dev.utter.benchmarks.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class BarChartTest {

  @Test
  void everySettingHasItsBarsAndItsRatio() throws Exception {
    // Given
    List<Bar> bars =
        List.of(
            new Bar("a < b & c", 0.5, Optional.of(0.1), Optional.of(5.0)),
            new Bar("alone", 20, Optional.empty(), Optional.empty()));

    // When
    Document picture = parse(BarChart.draw(bars));

    // Then
    String words = picture.getDocumentElement().getTextContent();
    assertThat(words).contains("a < b & c", "alone", "5x", "real time");
    // Two in the legend, three bars.
    assertThat(picture.getElementsByTagName("rect").getLength()).isEqualTo(5);
  }

  @Test
  void aValueTenTimesAsLargeEndsOneDecadeFurther() throws Exception {
    // Given
    List<Bar> bars =
        List.of(
            new Bar("small", 0.2, Optional.empty(), Optional.empty()),
            new Bar("middle", 2, Optional.empty(), Optional.empty()),
            new Bar("large", 20, Optional.empty(), Optional.empty()));

    // When
    Document picture = parse(BarChart.draw(bars));

    // Then
    assertThat(width(picture, 3) - width(picture, 2))
        .isCloseTo(width(picture, 4) - width(picture, 3), within(0.2));
  }

  private static double width(Document picture, int rectangle) {
    return Double.parseDouble(
        picture
            .getElementsByTagName("rect")
            .item(rectangle)
            .getAttributes()
            .getNamedItem("width")
            .getNodeValue());
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }
}
